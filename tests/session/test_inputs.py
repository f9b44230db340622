"""What is fed for a row of ids, and what is said of inputs that nobody can guess."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.anatomy.anatomy import Anatomy, TensorInfo
from embstudio.base.errors import InputError
from embstudio.session.inputs import check_feeds, make_feeds

IDS = TensorInfo("input_ids", "int64", ("batch", "pos"))


def anatomy(*inputs: TensorInfo, ids_input: str | None = "input_ids") -> Anatomy:
    return Anatomy(inputs, (), ids_input, (), (), (), None, None, {}, (), {})


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
    feeds = make_feeds(anatomy(IDS, TensorInfo(name, dtype, ("batch", None))), [7, 8, 9])
    assert feeds["input_ids"].dtype == np.int64
    assert feeds["input_ids"].tolist() == [[7, 8, 9]]
    assert feeds[name].dtype == np.dtype(dtype)
    assert feeds[name].tolist() == expected


@pytest.mark.parametrize(
    "tensor",
    [
        TensorInfo("past_key_values.0.key", "float32", ("batch", 4, "past", 8)),
        TensorInfo("position_ids", "float32", ("batch", "pos")),
        TensorInfo("attention_mask", "float32", ("batch", 1, "pos", "pos")),
        TensorInfo("use_cache_branch", "bool", (1,)),
        TensorInfo("decoder_input_ids", "int64", ("batch", "pos")),
    ],
)
def test_what_cannot_be_guessed_is_named_with_its_type_and_shape(tensor: TensorInfo) -> None:
    with pytest.raises(InputError, match="--feeds") as told:
        make_feeds(anatomy(IDS, tensor), [1])
    assert told.value.where.startswith(f"{tensor.name}: {tensor.dtype} [")


def test_a_model_without_ids() -> None:
    with pytest.raises(InputError, match="no input that takes token ids"):
        make_feeds(anatomy(TensorInfo("pixels", "float32", (1, 3)), ids_input=None), [1])


@pytest.mark.parametrize(("shape", "words"), [((2, "pos"), "exactly 2 sequences"), ((1, 1), "exactly 1 token at")])
def test_shapes_that_were_fixed_at_export(shape: tuple, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make_feeds(anatomy(TensorInfo("input_ids", "int64", shape)), [1, 2, 3])


def test_a_feed_is_given_the_graphs_type_where_nothing_is_lost() -> None:
    feeds = check_feeds(anatomy(IDS), {"input_ids": np.ones((1, 2), np.uint8)})
    assert feeds["input_ids"].dtype == np.int64
    with pytest.raises(InputError, match="wrong type"):
        check_feeds(anatomy(IDS), {"input_ids": np.ones((1, 2), np.float32)})


def test_what_goes_with_the_ids_may_be_left_out_of_the_feeds() -> None:
    mask, positions = (
        TensorInfo("attention_mask", "int64", ("batch", "pos")),
        TensorInfo("position_ids", "int64", ("batch", "pos")),
    )
    feeds = check_feeds(
        anatomy(IDS, mask, positions), {"input_ids": np.array([[7, 8, 9]]), "attention_mask": np.array([[1, 1, 0]])}
    )
    assert feeds["position_ids"].tolist() == [[0, 1, 2]]
    assert feeds["attention_mask"].tolist() == [[1, 1, 0]]


def test_nothing_is_made_up_for_several_sequences_or_unknown_inputs() -> None:
    mask, pixels = TensorInfo("attention_mask", "int64", ("batch", "pos")), TensorInfo("pixels", "float32", (1, 3))
    with pytest.raises(InputError, match="missing: attention_mask"):
        check_feeds(anatomy(IDS, mask), {"input_ids": np.array([[7], [8]])})
    with pytest.raises(InputError, match="missing: pixels"):
        check_feeds(anatomy(IDS, pixels), {"input_ids": np.array([[7]])})


@pytest.mark.parametrize(("dtype", "id_"), [("int64", 2**63), ("int32", 2**31), ("uint8", 300), ("uint8", -1)])
def test_an_id_that_would_wrap_around_is_refused(dtype: str, id_: int) -> None:
    with pytest.raises(InputError, match=f"{id_} does not fit"):
        make_feeds(anatomy(TensorInfo("input_ids", dtype, ("batch", "pos"))), (1, id_))
