"""Which value of a mask hides a token: asked of the graphs that exporters write, and of the numbers they then give."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.anatomy.anatomy import Anatomy, OutputHead
from embstudio.modelfile.graph import Graph, Node, Weight
from embstudio.modelfile.tensor_info import TensorInfo
from embstudio.session.feeding.beside import Beside
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.reach import hiding_value
from embstudio.session.feeding.sequences import Sequences

CONSTANTS = {"one": 1.0, "zero": 0, "low": -10000.0, "lowest": -np.inf}


def graph(*steps: tuple[str, list[str], str]) -> Graph:
    """Steps from `mask` to the scores; q and k are multiplied before."""
    nodes = [Node(0, "MatMul", "", "", ("q", "k"), ("product",))]
    nodes += [Node(place + 1, op, "", "", tuple(inputs), (made,)) for place, (op, inputs, made) in enumerate(steps)]
    inputs = [TensorInfo(name, "float32", ("b", "t")) for name in ("mask", "q", "k")]
    return Graph(nodes, inputs, [], {name: constant(name, value) for name, value in CONSTANTS.items()})


def constant(name: str, value: float) -> Weight:
    values = np.array(value)
    return Weight(name, str(values.dtype), (), lambda: values)


@pytest.mark.parametrize(
    ("steps", "hides"),
    [
        # (1 − mask) · −10000 + scores, as BERT does it
        ([("Sub", ["one", "mask"], "rest"), ("Mul", ["rest", "low"], "bias"), ("Add", ["product", "bias"], "s")], 0),
        # mask · −10000: ones hide
        ([("Mul", ["mask", "low"], "bias"), ("Add", ["product", "bias"], "s")], 1),
        # where(mask, −∞, scores): PyTorch's key_padding_mask
        ([("Cast", ["mask"], "hide"), ("Where", ["hide", "lowest", "product"], "s")], 1),
        # where(mask, scores, −∞)
        ([("Cast", ["mask"], "see"), ("Where", ["see", "product", "lowest"], "s")], 0),
        # where(not mask, −∞, scores)
        (
            [("Not", ["mask"], "hide"), ("Unsqueeze", ["hide"], "wide"), ("Where", ["wide", "lowest", "product"], "s")],
            0,
        ),
        # where(mask == 0, −∞, scores)
        ([("Equal", ["mask", "zero"], "hide"), ("Where", ["hide", "lowest", "product"], "s")], 0),
        # scores + mask
        ([("Unsqueeze", ["mask"], "wide"), ("Add", ["product", "wide"], "s")], -10000),
    ],
)
def test_the_value_that_hides(steps: list, hides: float) -> None:
    assert hiding_value(graph(*steps), "mask") == hides


def feeder(mask: TensorInfo, kind: str = "next word", causal: bool | None = None) -> Feeder:
    ids = TensorInfo("ids", "int64", ("batch", "pos"))
    head = OutputHead(kind, "logits", 99)
    anatomy = Anatomy((ids, mask), (), "ids", (), (), (), head, None, {}, (), {})
    return Feeder(Graph((), (ids, mask), (), {}), anatomy, Beside(causal=causal))


BACK = [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_a_square_mask_of_a_model_that_predicts_hides_what_comes() -> None:
    fed = feeder(TensorInfo("src_mask", "bool", ("pos", "pos"))).feeds(Sequences((7, 8, 9)))
    assert fed.feeds["src_mask"].astype(int).tolist() == BACK
    assert "those before it only" in fed.notes[0]


def test_what_is_not_known_of_a_mask_for_each_query_is_said() -> None:
    mask = TensorInfo("attention_mask", "float32", ("batch", 1, "pos", "all"))
    fed = feeder(mask).feeds(Sequences((7, 8, 9)))
    assert fed.feeds["attention_mask"].tolist() == [[[[1.0] * 3] * 3]]
    assert "lets each token see all" in fed.notes[0]
    told = feeder(mask, causal=True).feeds(Sequences((7, 8, 9)))
    assert told.feeds["attention_mask"].astype(int).tolist() == [[BACK]]
    assert told.notes == ()
    assert feeder(mask, kind="vectors per token").feeds(Sequences((7, 8, 9))).notes == ()


def test_tokens_in_a_cache_are_seen_by_all_that_follow() -> None:
    mask = TensorInfo("attention_mask", "int64", ("batch", 1, "pos", "all"))
    fed = feeder(mask, causal=True).feeds(Sequences((7, 8), past=2))
    assert fed.feeds["attention_mask"].tolist() == [[[[1, 1, 1, 0], [1, 1, 1, 1]]]]
