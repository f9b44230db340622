"""The chain of one query and key in real models, each number worked out again from the arrays of the trace."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from embstudio.formulas.attention import softmax
from embstudio.modelfile.catalogue import find
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.stepper.attention_scale import find_scale
from embstudio.stepper.attention_stages import stages
from embstudio.stepper.attention_weights import AttentionWeights
from embstudio.stepper.key_columns import key_columns
from embstudio.stepper.stage import Stage
from embstudio.trace.attention_stacks import attention_stacks
from embstudio.trace.trace import Trace

LAYER, HEAD, QUERY, KEY = 3, 1, 6, 2
TITLES = ("q · k", "scale", "mask and bias", "softmax", "× v", "W_O", "+ residual", "+ MLP")


def weights_of(trace: Trace, place: int = 0) -> AttentionWeights:
    return AttentionWeights(trace, attention_stacks(trace)[place])


def without(trace: Trace, *parts: str) -> Trace:
    arrays = {name: array for name, array in trace.arrays.items() if not name.endswith(parts)}
    return Trace(trace.model, trace.text, trace.tokens, arrays, trace.provenance)


def numbers(stage: Stage) -> dict[str, float]:
    return {row.label: row.value for row in stage.rows}


@pytest.fixture(scope="module")
def trace() -> Trace:
    source = find("next-word")
    runner = Runner.open(ModelRef(source.path, source.tokenizer))
    return runner.trace(TraceRequest(runner.opened.model, text="The big dog ran to the old house"))


@pytest.fixture
def chain(trace: Trace) -> dict[str, Stage]:
    return {stage.title: stage for stage in stages(weights_of(trace), LAYER, HEAD, QUERY, KEY, 5)}


def part(trace: Trace, name: str) -> np.ndarray:
    return trace[f"blocks.{LAYER}.{name}"].values.astype(np.float64)


def test_every_stage_has_its_numbers_and_they_agree(chain: dict[str, Stage], trace: Trace) -> None:
    assert tuple(chain) == TITLES
    for stage in chain.values():
        assert not stage.missing
        assert stage.probe is not None
        assert stage.probe.fits(trace)
        assert stage.check is None or stage.check.agrees, stage
    checked = {title for title, stage in chain.items() if stage.check is not None}
    assert checked >= {"mask and bias", "softmax", "× v", "+ residual", "+ MLP"}


def test_from_vectors_to_weight(chain: dict[str, Stage], trace: Trace) -> None:
    q, k = part(trace, "attn.q")[HEAD, QUERY], part(trace, "attn.k")[HEAD, KEY]
    product = float(q @ k)
    assert numbers(chain["q · k"])["q · k"] == pytest.approx(product, abs=1e-4)
    assert numbers(chain["q · k"])["cosine"] == pytest.approx(product / math.sqrt(q @ q * (k @ k)), abs=1e-6)
    assert numbers(chain["scale"])["scaled"] == pytest.approx(product / math.sqrt(len(q)), abs=1e-4)
    keys = part(trace, "attn.k")[HEAD, : QUERY + 1]
    row = softmax(keys @ q / math.sqrt(len(q)))
    assert numbers(chain["mask and bias"])["score"] == pytest.approx(product / math.sqrt(len(q)), abs=1e-4)
    assert numbers(chain["softmax"])["weight"] == pytest.approx(row[KEY], abs=1e-6)
    assert numbers(chain["softmax"])["rank of the key"] == 1 + (row > row[KEY]).sum()


def test_from_weight_to_the_next_layer(chain: dict[str, Stage], trace: Trace) -> None:
    pattern, v, z = (part(trace, f"attn.{name}")[HEAD] for name in ("pattern", "v", "z"))
    blend = pattern[QUERY] @ v
    told = numbers(chain["× v"])
    assert told["‖z‖"] == pytest.approx(np.linalg.norm(blend), rel=1e-5)
    assert told["weight × ‖v‖"] == pytest.approx(pattern[QUERY, KEY] * np.linalg.norm(v[KEY]), rel=1e-6)
    assert told["share of z"] == pytest.approx(
        pattern[QUERY, KEY] * v[KEY] @ z[QUERY] / (z[QUERY] @ z[QUERY]), rel=1e-6
    )
    before, out = part(trace, "resid_pre")[QUERY], part(trace, "attn.out")[QUERY]
    told = numbers(chain["+ residual"])
    assert told["‖resid_mid‖"] == pytest.approx(np.linalg.norm(before + out), rel=1e-5)
    assert told["cosine"] == pytest.approx(before @ out / np.linalg.norm(before) / np.linalg.norm(out), rel=1e-5)
    after = part(trace, "resid_mid")[QUERY] + part(trace, "mlp.out")[QUERY]
    assert numbers(chain["+ MLP"])["‖resid_post‖"] == pytest.approx(np.linalg.norm(after), rel=1e-5)


def test_the_shares_of_all_keys_make_the_blend(trace: Trace) -> None:
    weights = weights_of(trace)
    shares = [numbers(stages(weights, LAYER, HEAD, QUERY, key)[4])["share of z"] for key in range(QUERY + 1)]
    assert math.fsum(shares) == pytest.approx(1, abs=1e-5)


def test_a_number_that_is_not_what_it_should_be_is_told(trace: Trace) -> None:
    arrays = dict(trace.arrays)
    name = f"blocks.{LAYER}.attn.z"
    wrong = arrays[name].values.copy()
    wrong[HEAD, QUERY, 3] += 0.01
    arrays[name] = type(arrays[name])(wrong, arrays[name].axes)
    changed = Trace(trace.model, trace.text, trace.tokens, arrays, trace.provenance)
    check = stages(weights_of(changed), LAYER, HEAD, QUERY, KEY)[4].check
    assert check is not None
    assert not check.agrees
    assert check.difference == pytest.approx(0.01, rel=1e-3)


def test_a_key_that_the_mask_hides(trace: Trace) -> None:
    masked = stages(weights_of(trace), LAYER, HEAD, 2, 6)[2]
    assert "hides" in masked.note
    assert masked.rows[-1].value == float(trace[f"blocks.{LAYER}.attn.scores"].values[HEAD, 2, 6])


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        (("attn.q", "attn.k", "raw_scores"), {"q · k", "scale"}),
        (("attn.scores",), {"scale", "mask and bias"}),
        (("attn.v",), {"× v"}),
        (("attn.out",), {"W_O", "+ residual"}),
        (("mlp.out",), {"+ MLP"}),
        (("resid_mid", "resid_post", "attn.sum", "mlp.sum"), {"+ residual", "+ MLP"}),
        (("mlp.hidden", "raw_scores", "attn.sum", "mlp.sum"), set()),
    ],
)
def test_a_point_that_was_not_found_is_said_and_nothing_made_up(
    trace: Trace, gone: tuple[str, ...], missing: set[str]
) -> None:
    less = without(trace, *gone)
    chain = stages(weights_of(less), LAYER, HEAD, QUERY, KEY)
    assert {stage.title for stage in chain if stage.missing} == missing
    for stage in chain:
        if stage.missing:
            assert "not found in this model" in stage.missing
            assert not stage.rows
        assert stage.probe is None or stage.probe.fits(less)


def test_the_columns_of_all_keys_hold_the_same_numbers(trace: Trace) -> None:
    weights = weights_of(trace)
    columns = {column.title: column.values for column in key_columns(weights, LAYER, HEAD, QUERY)}
    for key in range(QUERY + 1):
        chain = {stage.title: numbers(stage) for stage in stages(weights, LAYER, HEAD, QUERY, key)}
        assert columns["q · k"][key] == pytest.approx(chain["q · k"]["q · k"], abs=1e-4)
        assert columns["scaled"][key] == pytest.approx(chain["scale"]["scaled"], abs=1e-4)
        assert columns["score"][key] == chain["mask and bias"]["score"]
        assert columns["weight"][key] == chain["softmax"]["weight"]
        assert columns["weight × ‖v‖"][key] == pytest.approx(chain["× v"]["weight × ‖v‖"], rel=1e-9)
    assert all(np.isnan(values[QUERY + 1 :]).all() for values in columns.values())


@pytest.mark.zoo
@pytest.mark.parametrize(
    ("model", "name", "exact"),
    [
        ("llama-ts-sdpa", "1/√{}", True),
        ("gpt-neo-ts-eager", "1", True),  # it does not scale (Black et al. 2021)
        ("bloom-ts-eager", "1/√{}", False),  # ALiBi is added
    ],
)
def test_the_scale_is_read_off_the_models_own_numbers(zoo: Path, model: str, name: str, exact: bool) -> None:
    runner = Runner.open(ModelRef(zoo / model / "model.onnx"))
    trace = runner.trace(TraceRequest(runner.opened.model, ids=tuple(range(3, 19))))
    weights = weights_of(trace)
    for head in range(weights.heads(1)):
        scale = find_scale(weights, 1, head)
        assert scale is not None
        width = trace["blocks.1.attn.q"].shape[-1]
        assert (scale.name, scale.exact) == (name.format(width), exact)
    chain = stages(weights, 1, 0, 9, 4)
    checks = [stage.check for stage in chain if stage.check is not None]
    assert checks
    assert all(check.agrees for check in checks)


@pytest.mark.zoo
@pytest.mark.parametrize("model", ["gpt-neox-ts-sdpa", "bert-opt-tf4+fp16", "bert-ts-sdpa", "gpt-oss-ts-eager"])
def test_other_blocks_and_precisions_add_up_too(zoo: Path, model: str) -> None:
    """Attention and MLP side by side, half precision, norms after the sum, sinks."""
    runner = Runner.open(ModelRef(zoo / model / "model.onnx"))
    trace = runner.trace(TraceRequest(runner.opened.model, ids=tuple(range(3, 15))))
    weights = weights_of(trace)
    for layer in weights.held:
        chain = {stage.title: stage for stage in stages(weights, layer, 1, 8, 3)}
        assert not any(stage.missing for stage in chain.values())
        assert all(stage.check.agrees for stage in chain.values() if stage.check is not None)
        assert chain["+ MLP"].check is not None
    if "neox" in model:
        assert "beside attention" in chain["+ residual"].note


def test_a_block_of_attention_alone_ends_in_their_sum() -> None:
    source = find("toy-attention")
    runner = Runner.open(ModelRef(source.path, source.tokenizer))
    trace = runner.trace(TraceRequest(runner.opened.model, text="The big dog ran"))
    found = {stage.title: stage for stage in stages(weights_of(trace), 0, 0, 2, 1)}
    summed = found["+ residual"]
    assert summed.check is not None
    assert summed.check.agrees
    assert numbers(summed)["‖resid_post‖"] == pytest.approx(np.linalg.norm([0.56946, 1.25414, 0.35313]), rel=1e-5)
    assert "mlp.out" in found["+ MLP"].missing
