"""What is fed for a row of ids, and what is said of inputs that nobody can guess.

Graphs without nodes: what these inputs are for is told by their types, shapes and names alone. Those whose graph tells
it are in test_recognise.py.
"""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.anatomy.anatomy import Anatomy, TensorInfo
from embstudio.base.errors import InputError
from embstudio.modelfile.graph import Graph
from embstudio.session.feeding.beside import Beside
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.own_feeds import complete
from embstudio.session.feeding.sequences import Sequences
from embstudio.session.feeding.slots import Side

IDS = TensorInfo("input_ids", "int64", ("batch", "pos"))


def feeder(*inputs: TensorInfo, ids_input: str | None = "input_ids", beside: Beside | None = None) -> Feeder:
    anatomy = Anatomy(inputs, (), ids_input, (), (), (), None, None, {}, (), {})
    return Feeder(Graph((), inputs, (), {}), anatomy, beside or Beside())


def feeds(*inputs: TensorInfo, ids: tuple[int, ...] = (7, 8, 9), past: int = 0) -> dict[str, np.ndarray]:
    return feeder(*inputs).feeds(Sequences(ids, past=past)).feeds


@pytest.mark.parametrize(
    ("name", "dtype", "expected"),
    [
        ("attention_mask", "int64", [[1, 1, 1]]),
        ("input_mask", "int32", [[1, 1, 1]]),
        ("attention_mask", "float32", [[1.0, 1.0, 1.0]]),
        ("mask", "bool", [[True, True, True]]),
        ("token_type_ids", "int64", [[0, 0, 0]]),
        ("segment_ids", "int32", [[0, 0, 0]]),
        ("position_ids", "int64", [[0, 1, 2]]),
    ],
)
def test_companions_of_the_ids(name: str, dtype: str, expected: list) -> None:
    made = feeds(IDS, TensorInfo(name, dtype, ("batch", None)))
    assert made["input_ids"].dtype == np.int64
    assert made["input_ids"].tolist() == [[7, 8, 9]]
    assert made[name].dtype == np.dtype(dtype)
    assert made[name].tolist() == expected


def test_what_goes_with_tokens_that_follow_others() -> None:
    made = feeds(
        IDS,
        TensorInfo("attention_mask", "int64", ("batch", "total")),
        TensorInfo("position_ids", "int64", ("batch", "pos")),
        TensorInfo("cache_position", "int64", ("pos",)),
        TensorInfo("past_sequence_length", "int32", (1,)),
        TensorInfo("total_sequence_length", "int32", ()),
        TensorInfo("seqlens_k", "int32", ("batch", 1)),
        TensorInfo("use_cache_branch", "bool", (1,)),
        past=4,
    )
    assert made["attention_mask"].tolist() == [[1] * 7]
    assert made["position_ids"].tolist() == [[4, 5, 6]]
    assert made["cache_position"].tolist() == [4, 5, 6]
    assert made["past_sequence_length"].tolist() == [4]
    assert made["total_sequence_length"].tolist() == 7
    assert made["seqlens_k"].tolist() == [[6]]
    assert made["use_cache_branch"].tolist() == [True]


def test_positions_of_a_rotation_in_three_parts() -> None:
    made = feeds(IDS, TensorInfo("position_ids", "int64", (3, "batch", "pos")))
    assert made["position_ids"].tolist() == [[[0, 1, 2]]] * 3


def test_segments_of_a_pair() -> None:
    types = TensorInfo("token_type_ids", "int64", ("batch", "pos"))
    fed = feeder(IDS, types).feeds(Sequences((1, 2, 3), (0, 1, 1)))
    assert fed.feeds["token_type_ids"].tolist() == [[0, 1, 1]]


@pytest.mark.parametrize(("causal", "seen"), [(True, [[1, 0, 0], [1, 1, 0], [1, 1, 1]]), (None, [[1] * 3] * 3)])
def test_a_mask_for_each_query(causal: bool | None, seen: list) -> None:
    mask = TensorInfo("attention_mask", "bool", ("batch", 1, "pos", "pos"))
    fed = feeder(IDS, mask, beside=Beside(causal=causal)).feeds(Sequences((7, 8, 9)))
    assert fed.feeds["attention_mask"].astype(int).tolist() == [[seen]]


def test_boxes_of_a_layout_and_factors_of_heads() -> None:
    made = feeds(IDS, TensorInfo("bbox", "int64", ("batch", "pos", 4)), TensorInfo("head_mask", "float32", (12, 12)))
    assert made["bbox"].tolist() == [[[0] * 4] * 3]
    assert made["head_mask"].tolist() == [[1.0] * 12] * 12


@pytest.mark.parametrize(
    ("tensor", "value", "told"),
    [
        (TensorInfo("language", "int64", ("batch",)), [0], "fed 0"),
        (TensorInfo("extra", "int32", ("batch", "pos")), [[0, 0, 0]], "fed 0"),
        (TensorInfo("temperature", "float32", (1,)), [1.0], "fed 1"),
    ],
)
def test_what_is_not_known_but_ordinary_is_fed_and_said(tensor: TensorInfo, value: list, told: str) -> None:
    fed = feeder(IDS, tensor).feeds(Sequences((7, 8, 9)))
    assert fed.feeds[tensor.name].tolist() == value
    (note,) = fed.notes
    assert told in note
    assert f"{tensor.name}: {tensor.dtype}" in note


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (TensorInfo("pixel_values", "float32", ("batch", 3, 224, 224)), "a picture"),
        (TensorInfo("input_features", "float32", ("batch", 80, 3000)), "sound"),
        (TensorInfo("vectors", "float32", ("batch", "n", 512)), "vectors of 512 numbers"),
        (TensorInfo("extra", "float32", ("batch", "a", "b", "c", "d", "e")), "does not know what to feed"),
    ],
)
def test_what_cannot_be_guessed_is_named_with_its_type_and_shape(tensor: TensorInfo, words: str) -> None:
    with pytest.raises(InputError, match=words) as told:
        feeds(IDS, tensor)
    assert told.value.where.startswith(f"{tensor.name}: {tensor.dtype} [")
    assert "--feeds" in told.value.advice


def test_a_model_without_ids() -> None:
    with pytest.raises(InputError, match="takes a picture, not text"):
        feeder(TensorInfo("pixels", "float32", (1, 3, 8, 8)), ids_input=None).feeds(Sequences((1,)))
    with pytest.raises(InputError, match="no input that takes token ids"):
        feeder(TensorInfo("flag", "bool", (1, 3)), ids_input=None).feeds(Sequences((1,)))


def test_types_that_nobody_can_make_up() -> None:
    with pytest.raises(InputError, match="takes the text itself"):
        feeder(TensorInfo("text", "string", ("batch",)), ids_input=None).feeds(Sequences((1,)))
    with pytest.raises(InputError, match="does not know what to feed"):
        feeds(IDS, TensorInfo("extra", "optional", ()))


def test_bytes_are_ids_where_nothing_else_is() -> None:
    made = feeder(TensorInfo("input", "uint8", ("batch", "length")), ids_input=None).feeds(Sequences((72, 105)))
    assert made.feeds["input"].tolist() == [[72, 105]]
    assert made.feeds["input"].dtype == np.uint8


def test_a_length_fixed_at_export_is_padded_behind_the_mask() -> None:
    inputs = (TensorInfo("input_ids", "int64", (1, 5)), TensorInfo("attention_mask", "int64", (1, 5)),
              TensorInfo("position_ids", "int64", (1, 5)))  # fmt: skip
    fed = feeder(*inputs, beside=Beside(pad_id=3)).feeds(Sequences((7, 8)))
    assert fed.feeds["input_ids"].tolist() == [[7, 8, 3, 3, 3]]
    assert fed.feeds["attention_mask"].tolist() == [[1, 1, 0, 0, 0]]
    assert fed.feeds["position_ids"].tolist() == [[0, 1, 2, 3, 4]]
    assert fed.pads == {Side.SOURCE: 3}
    assert fed.masked == {Side.SOURCE}


def test_a_length_fixed_at_export_without_a_mask() -> None:
    fed = feeder(TensorInfo("input_ids", "int64", (1, 3))).feeds(Sequences((7, 8)))
    assert (fed.pads, fed.masked) == ({Side.SOURCE: 1}, frozenset())
    with pytest.raises(InputError, match="exactly 3 tokens at a time, and this is 4"):
        feeds(TensorInfo("input_ids", "int64", (1, 3)), ids=(1, 2, 3, 4))


def test_a_batch_fixed_at_export_is_the_same_sequence_several_times() -> None:
    fed = feeder(TensorInfo("input_ids", "int64", (2, "pos")), TensorInfo("attention_mask", "int64", (2, "pos")))
    made = fed.feeds(Sequences((7, 8)))
    assert made.feeds["input_ids"].tolist() == [[7, 8]] * 2
    assert made.feeds["attention_mask"].tolist() == [[1, 1]] * 2
    assert "2 sequences at a time" in made.notes[0]


# Feeds of the person's own -------------------------------------------------------------------------------------------


def test_a_feed_is_given_the_graphs_type_where_nothing_is_lost() -> None:
    checked = complete(feeder(IDS), {"input_ids": np.ones((1, 2), np.uint8)})
    assert checked["input_ids"].dtype == np.int64
    with pytest.raises(InputError, match="wrong type"):
        complete(feeder(IDS), {"input_ids": np.ones((1, 2), np.float32)})


def test_what_goes_with_the_ids_may_be_left_out_of_the_feeds() -> None:
    mask, positions = (
        TensorInfo("attention_mask", "int64", ("batch", "pos")),
        TensorInfo("position_ids", "int64", ("batch", "pos")),
    )
    checked = complete(
        feeder(IDS, mask, positions), {"input_ids": np.array([[7, 8, 9]]), "attention_mask": np.array([[1, 1, 0]])}
    )
    assert checked["position_ids"].tolist() == [[0, 1, 2]]
    assert checked["attention_mask"].tolist() == [[1, 1, 0]]


def test_nothing_is_made_up_for_several_sequences_or_unknown_inputs() -> None:
    mask, pixels = TensorInfo("attention_mask", "int64", ("batch", "pos")), TensorInfo("pixels", "float32", (1, 3))
    with pytest.raises(InputError, match="missing: attention_mask"):
        complete(feeder(IDS, mask), {"input_ids": np.array([[7], [8]])})
    with pytest.raises(InputError, match="missing: pixels"):
        complete(feeder(IDS, pixels), {"input_ids": np.array([[7]])})
    with pytest.raises(InputError, match="unknown: ids"):
        complete(feeder(IDS), {"ids": np.array([[7]])})


@pytest.mark.parametrize(("dtype", "id_"), [("int64", 2**63), ("int32", 2**31), ("uint8", 300), ("uint8", -1)])
def test_an_id_that_would_wrap_around_is_refused(dtype: str, id_: int) -> None:
    with pytest.raises(InputError, match=f"{id_} does not fit"):
        feeds(TensorInfo("input_ids", dtype, ("batch", "pos")), ids=(1, id_))
