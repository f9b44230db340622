"""The shape of a model as it is read off its anatomy: its formula gives the number of weights in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.model_shape import compared, counted, shape_of
from embstudio.anatomy.reader import read
from embstudio.formulas.scaling.recurrent_shape import RecurrentShape
from embstudio.formulas.scaling.transformer_shape import DECODER, ENCODER, TransformerShape
from embstudio.modelfile.catalogue import bundled, find
from embstudio.modelfile.model_file import ModelFile
from tests.zoo.case import zoo_cases

# Whose layers the formulas do not know: convolutions beside the attention, or in its place; two projections of places.
UNLIKE = {"convbert", "deberta-v2", "squeezebert"}
BUNDLED = ("sentiment-lstm", "sentiment-gru", "sentiment-rnn", "sentiment-transformer", "next-word", "next-word-shared",
           "masked-word", "sentences")  # fmt: skip


def anatomy_of(path: Path) -> Anatomy:
    return read(ModelFile(path).graph)


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_models_are_counted_to_the_last_weight(name: str) -> None:
    anatomy = anatomy_of(find(name).path)
    shape = shape_of(anatomy)
    assert shape is not None
    shape.check()
    rows = {row.component: row for row in compared(anatomy, shape)}
    unexplained = {name: row.surplus for name, row in rows.items() if row.surplus}
    if name == "sentences":  # it keeps one number for each word, how much it counts in the mean
        assert isinstance(shape, TransformerShape)
        assert unexplained == {"head": shape.vocabulary, "total": shape.vocabulary}
        assert "one number for each word" in rows["head"].why
    else:
        assert not unexplained
    assert rows["total"].file == anatomy.parameters["total"] == sum(counted(anatomy).values())


def test_what_the_card_says_is_found_in_the_file() -> None:
    shape = shape_of(anatomy_of(find("next-word").path))
    assert isinstance(shape, TransformerShape)
    assert (shape.stacks, shape.layers, shape.heads, shape.d_model, shape.hidden) == (DECODER, 12, 4, 128, 512)
    assert (shape.vocabulary, shape.positions, shape.head) == (4096, 128, "words, tied")
    assert not shape.shared_kv
    assert shape.final_norm
    shared = shape_of(anatomy_of(find("next-word-shared").path))
    assert isinstance(shared, TransformerShape)
    assert shared.shared_kv
    masked = shape_of(anatomy_of(find("masked-word").path), looks_ahead=True)
    assert isinstance(masked, TransformerShape)
    assert masked.stacks == ENCODER
    lstm = shape_of(anatomy_of(find("sentiment-lstm").path))
    assert lstm == RecurrentShape("LSTM", 12_000, 100, 64, outputs=2)


def test_a_table_of_words_has_no_shape() -> None:
    assert shape_of(anatomy_of(find("words").path)) is None
    assert {source.name for source in bundled()} >= {*BUNDLED, "words"}


@pytest.mark.zoo
def test_real_exports_are_counted_by_their_formulas(zoo: Path) -> None:
    """Plain exports of every architecture, by one exporter: to the weight, but for a few numbers that a file stores
    beside them (frequencies, sinks)."""
    cases = [case for case in zoo_cases(zoo) if case.mode == "opt-tf4" and case.architecture not in UNLIKE]
    exact = 0
    for case in cases:
        anatomy = anatomy_of(case.path)
        shape = shape_of(anatomy)
        assert shape is not None, case.name
        shape.check()
        whole = compared(anatomy, shape)[-1]
        assert abs(whole.surplus) <= 16, (case.name, whole)
        exact += whole.surplus == 0
    assert len(cases) >= 15
    assert exact >= 0.9 * len(cases)


@pytest.mark.zoo
def test_what_the_formulas_do_not_know_is_said(zoo: Path) -> None:
    cases = [case for case in zoo_cases(zoo) if case.mode == "opt-tf4" and case.architecture in UNLIKE]
    assert cases
    for case in cases:
        anatomy = anatomy_of(case.path)
        shape = shape_of(anatomy)
        if shape is None:
            continue
        rows = compared(anatomy, shape)
        assert all(row.why for row in rows[:-1] if row.surplus), case.name
