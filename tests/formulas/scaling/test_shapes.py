"""Numbers of weights against those of files that everybody can count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from embstudio.base.errors import InputError
from embstudio.formulas.scaling.known_shapes import KNOWN, NOTED, NOTED_STANDARD, KnownShape
from embstudio.formulas.scaling.recurrent_shape import RecurrentShape, layer_parameters, recurrent_parameters
from embstudio.formulas.scaling.transformer_shape import (
    BOTH,
    CLASSES,
    ENCODER,
    MASKED,
    NO_MLP,
    TransformerShape,
    non_embedding,
    parameters,
    total,
    used_parameters,
)

PUBLISHED = [known for known in KNOWN if known.published is not None]


@pytest.mark.parametrize("known", PUBLISHED, ids=[known.name for known in PUBLISHED])
def test_published_models_are_counted_to_the_last_weight(known: KnownShape) -> None:
    assert isinstance(known.shape, TransformerShape)
    known.shape.check()
    assert total(known.shape) == known.published


def test_known_shapes_are_the_ones_people_name() -> None:
    counts = {known.name: total(known.shape) for known in KNOWN if isinstance(known.shape, TransformerShape)}
    assert counts["GPT-2 small"] == 124_439_808
    assert counts["BERT base"] == 109_482_240
    assert counts["GPT-3"] == pytest.approx(175e9, rel=0.003)  # "175 B"
    assert [known.name for known in KNOWN] == list(dict.fromkeys(known.name for known in KNOWN))


def test_component_by_component_as_gpt2_has_them() -> None:
    """Against the shapes of its tensors: wte, wpe, c_attn, c_proj, c_fc, ln_1, ln_2, ln_f."""
    d, layers = 768, 12
    assert parameters(TransformerShape()) == {
        "embedding": 50_257 * d,
        "positions": 1024 * d,
        "attention": layers * (d * 3 * d + 3 * d + d * d + d),
        "mlp": layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norm": layers * 4 * d + 2 * d,
    }


def test_the_notes_figures() -> None:
    d = NOTED.d_model
    assert parameters(NOTED)["embedding"] == 38_400_000
    assert NOTED.layers * NOTED.query == 7_077_888
    assert NOTED.key == 589_824
    attention = parameters(NOTED)["attention"]
    assert attention == 12 * (d * d + d * d) + 2 * d * d  # queries and outputs in each layer, keys and values once
    assert parameters(NOTED_STANDARD)["attention"] - attention == 11 * 2 * d * d
    blocks = parameters(NOTED_STANDARD)["attention"] + parameters(NOTED_STANDARD)["mlp"]
    assert blocks == 12 * 12 * d * d == 84_934_656
    assert 1e8 < total(NOTED) < total(NOTED_STANDARD) < 1.3e8  # not one to two billion


def test_doubling_the_width_is_quadratic() -> None:
    wide = replace(NOTED_STANDARD, d_model=2 * 768, heads=24)
    for name, factor in (("attention", 4), ("mlp", 4), ("embedding", 2), ("norm", 2)):
        assert parameters(wide)[name] == factor * parameters(NOTED_STANDARD)[name]


def test_berts_masked_word_head() -> None:
    bert = next(known.shape for known in KNOWN if known.name == "BERT base")
    assert isinstance(bert, TransformerShape)
    assert total(replace(bert, head=MASKED)) == 109_514_298  # BertForMaskedLM
    assert total(replace(bert, head=CLASSES, classes=2)) == 109_482_240 - 590_592 + 2 * 768 + 2


def test_a_mixture_uses_fewer_weights_than_it_has() -> None:
    mixtral = next(known.shape for known in KNOWN if known.name == "Mixtral 8x7B")
    assert isinstance(mixtral, TransformerShape)
    assert used_parameters(mixtral) == pytest.approx(12.9e9, rel=0.003)  # Jiang et al. 2024: 13 B active
    assert used_parameters(TransformerShape()) == total(TransformerShape())


def test_a_decoder_without_its_encoder_still_attends_to_it() -> None:
    t5 = next(known.shape for known in KNOWN if known.name == "T5 small")
    assert isinstance(t5, TransformerShape)
    alone = replace(t5, encoder_layers=0)
    encoder = replace(t5, stacks=ENCODER)
    shared = parameters(t5)["embedding"]
    assert total(alone) + total(encoder) - shared == total(t5)
    assert alone.stacks == BOTH


def test_kaplans_count_leaves_embeddings_out() -> None:
    shape = TransformerShape()
    assert non_embedding(shape) == total(shape) - 50_257 * 768 - 1024 * 768
    assert parameters(replace(shape, mlp=NO_MLP)).keys() == {"embedding", "positions", "attention", "norm"}


@pytest.mark.parametrize(
    ("kind", "biases", "count"),
    [
        ("RNN", 2, 16 * (12 + 16) + 2 * 16),  # torch.nn.RNN(12, 16): weight_ih, weight_hh, bias_ih, bias_hh
        ("GRU", 2, 3 * (16 * (12 + 16) + 2 * 16)),
        ("LSTM", 2, 4 * (16 * (12 + 16) + 2 * 16)),
        ("LSTM", 1, 4 * (16 * (12 + 16) + 16)),  # keras.layers.LSTM
    ],
    ids=["RNN", "GRU", "LSTM", "LSTM of Keras"],
)
def test_one_recurrent_layer(kind: str, biases: int, count: int) -> None:
    assert layer_parameters(kind, 12, 16, biases) == count


def test_recurrent_layers_upon_each_other_and_both_ways() -> None:
    shape = RecurrentShape("LSTM", 50, 12, 16, layers=2, both_ways=True, outputs=3)
    shape.check()
    below, above = 4 * (16 * (12 + 16) + 32), 4 * (16 * (32 + 16) + 32)
    assert recurrent_parameters(shape) == {"embedding": 600, "recurrent": 2 * (below + above), "head": 3 * 32 + 3}
    tied = RecurrentShape("RNN", 50, 16, 16, outputs=50, tied=True, output_bias=False)
    assert "head" not in recurrent_parameters(tied)


@pytest.mark.parametrize(
    "shape",
    [
        TransformerShape(heads=7),
        TransformerShape(kv_heads=5),
        TransformerShape(experts=2, active=3),
        TransformerShape(layers=0),
        TransformerShape(vocabulary=10**10),
        RecurrentShape(units=0),
        RecurrentShape(tied=True, units=3),
    ],
    ids=["heads", "kv_heads", "active", "layers", "vocabulary", "units", "tied"],
)
def test_what_is_no_model_is_refused(shape: TransformerShape | RecurrentShape) -> None:
    with pytest.raises(InputError):
        shape.check()
