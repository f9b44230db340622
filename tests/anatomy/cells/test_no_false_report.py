"""What is no recurrent network is not taken for one: the zoo's transformers, and loops that only look like one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import NodeProto, helper

from embstudio.anatomy.cells.find_cells import find_cells
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.reader import read
from embstudio.modelfile.graph import Graph
from embstudio.modelfile.model_file import ModelFile
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.rewrite.open_up import open_up
from tests.conftest import ZOO

Build = Callable[..., Graph]
Node = helper.make_node
STEPS, WIDTH = 6, 4
_FILES = sorted([*ZOO.glob("*/*.onnx"), *ZOO.glob("*/*/*.onnx")]) if ZOO.is_dir() else []
_WRITTEN_OUT = ("rnn-RNNtanh-1-dyn", "rnn-LSTMCell-1-ts", "rnn-LSTMCell-1-dyn")
FILES = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in _FILES]


@pytest.mark.zoo
@pytest.mark.parametrize("path", FILES or [pytest.param(None, marks=pytest.mark.skip(reason="no zoo"))])
def test_only_models_that_are_written_out_have_cells(path: Path) -> None:
    """As the file is, and opened up as a person sees it."""
    file = ModelFile(path)
    opened = open_up(file.proto, path.parent)
    for graph in (file.graph, graph_of(opened.model, path.parent)):
        assert len(find_cells(Dataflow(graph), ())) == (1 if path.parent.name in _WRITTEN_OUT else 0)


def steps(step: Callable[[int, str, str], list[NodeProto]], build: Build, *, tokens: bool = True) -> Graph:
    """`STEPS` steps from zeros; step(number, x, state) makes the tensor `state{number}`."""
    nodes = [Node("Gather", ["E", "ids"], ["e"])]
    state = "zeros"
    for number in range(STEPS):
        x = f"x{number}"
        nodes.append(Node("Gather", ["e", f"at{number if tokens else 0}"], [x], axis=1))
        nodes += step(number, x, state)
        state = f"state{number}"
    nodes.append(Node("MatMul", [state, "R"], ["y"]))
    random = np.random.default_rng(0)
    weights = {name: random.normal(size=(WIDTH, WIDTH)).astype(np.float32) for name in ("W", "R", "V")}
    weights |= {f"R{number}": random.normal(size=(WIDTH, WIDTH)).astype(np.float32) for number in range(STEPS)}
    weights |= {f"at{number}": np.array(number) for number in range(STEPS)}
    weights |= {"E": random.normal(size=(9, WIDTH)).astype(np.float32), "zeros": np.zeros((1, WIDTH), np.float32),
                "one": np.ones(1, np.float32), "decay": random.uniform(size=WIDTH).astype(np.float32)}  # fmt: skip
    return build(nodes, weights, {"ids": ["b", STEPS]}, {"y": ["b", WIDTH]})


def tanh_step(weight: str = "R") -> Callable[[int, str, str], list[NodeProto]]:
    return lambda n, x, state: [
        Node("MatMul", [x, "W"], [f"wx{n}"]),
        Node("MatMul", [state, weight.format(n)], [f"rh{n}"]),
        Node("Add", [f"wx{n}", f"rh{n}"], [f"sum{n}"]),
        Node("Tanh", [f"sum{n}"], [f"state{n}"]),
    ]


def test_the_chain_of_these_tests_is_found_where_it_is_one(graph: Build) -> None:
    (layer,) = read(steps(tanh_step(), graph)).recurrent
    assert layer.cell is not None
    assert (layer.kind, layer.cell.steps) == ("rnn", STEPS)


def test_layers_that_all_read_the_same_token(graph: Build) -> None:
    assert find_cells(Dataflow(steps(tanh_step(), graph, tokens=False)), ()) == ()


def test_steps_with_weights_of_their_own(graph: Build) -> None:
    assert find_cells(Dataflow(steps(tanh_step("R{}"), graph)), ()) == ()


def test_a_linear_recurrence_as_in_state_space_models(graph: Build) -> None:
    def step(n: int, x: str, state: str) -> list[NodeProto]:
        return [
            Node("MatMul", [x, "W"], [f"wx{n}"]), Node("Exp", [f"wx{n}"], [f"exp{n}"]),
            Node("Mul", [f"exp{n}", state], [f"kept{n}"]), Node("MatMul", [x, "V"], [f"vx{n}"]),
            Node("Mul", [f"vx{n}", f"wx{n}"], [f"in{n}"]), Node("Add", [f"kept{n}", f"in{n}"], [f"state{n}"]),
        ]  # fmt: skip

    assert find_cells(Dataflow(steps(step, graph)), ()) == ()


def test_gates_that_do_not_look_at_the_state(graph: Build) -> None:
    """Simple Recurrent Units (Lei et al. 2018): c = f c₋₁ + (1 − f) x, with f of the token alone."""

    def step(n: int, x: str, state: str) -> list[NodeProto]:
        return [
            Node("MatMul", [x, "W"], [f"wx{n}"]), Node("Sigmoid", [f"wx{n}"], [f"f{n}"]),
            Node("MatMul", [x, "V"], [f"vx{n}"]), Node("Sub", ["one", f"f{n}"], [f"rest{n}"]),
            Node("Mul", [f"f{n}", state], [f"kept{n}"]), Node("Mul", [f"rest{n}", f"vx{n}"], [f"in{n}"]),
            Node("Add", [f"kept{n}", f"in{n}"], [f"state{n}"]),
        ]  # fmt: skip

    assert find_cells(Dataflow(steps(step, graph)), ()) == ()
