"""What it costs to see every gate: RNN, GRU and LSTM nodes opened up as a Scan, beside the node itself.

    python benchmarks/recurrent_scan.py [--seconds 4] [--threads 1]

Both take turns in one process, so that whatever else the computer does hits both alike: trust the ratio. The node is
asked for its Y, the Scan for Y alone, and for Y with every gate and state. Prints a markdown table of medians.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import product

import machine
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.session.promote import copy_with_outputs
from embstudio.session.recurrent_scan import copy_with_scans

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
SIZES = ((128, 512), (32, 64))  # units (and width of the input), tokens
TARGET = 4.0  # times the node, of an LSTM of 128 units and 512 tokens with all its gates


def model(kind: str, units: int) -> onnx.ModelProto:
    """A graph of one node, with the reset gate of a GRU where PyTorch has it."""
    random, rows = np.random.default_rng(0), GATES[kind] * units
    shapes = {"W": (1, rows, units), "R": (1, rows, units), "B": (1, 2 * rows)}
    attributes = {"linear_before_reset": 1} if kind == "GRU" else {}
    graph = helper.make_graph(
        [helper.make_node(kind, ["X", "W", "R", "B"], ["Y"], hidden_size=units, **attributes)],
        "one",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["pos", 1, units])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(random.normal(scale=0.1, size=shape).astype(np.float32), name)
         for name, shape in shapes.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def session(contents: bytes, threads: int) -> onnxruntime.InferenceSession:
    """A model with the options that the program uses."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(contents, options, providers=["CPUExecutionProvider"])


def milliseconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - started)


def measure(kind: str, units: int, tokens: int, seconds: float, threads: int) -> str:
    """One row of the table."""
    plain = model(kind, units)
    copy = copy_with_scans(plain, [RecurrentLayer(kind.lower(), 0, ("forward",), units, units, (), 0)])
    gates = [point.tensor for point in copy.points]
    node = session(plain.SerializeToString(), threads)
    scan = session(copy_with_outputs(copy.model.SerializeToString(), gates), threads)
    feeds = {"X": np.random.default_rng(1).normal(size=(tokens, 1, units)).astype(np.float32)}
    worst = float(np.abs(node.run(["Y"], feeds)[0] - scan.run(["Y"], feeds)[0]).max())
    ways: dict[str, Callable[[], object]] = {
        "node": lambda: node.run(["Y"], feeds),
        "scan": lambda: scan.run(["Y"], feeds),
        "gates": lambda: scan.run(["Y", *gates], feeds),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline or len(times["node"]) < 5:
        for name, way in ways.items():
            times[name].append(milliseconds(way))
    medians = {name: statistics.median(each) for name, each in times.items()}
    target = f"≤ {TARGET:g}" if (kind, units, tokens) == ("LSTM", 128, 512) else ""
    return (
        f"| {kind} | {units} | {tokens} | {medians['node']:.2f} | {medians['scan']:.2f} | {medians['gates']:.2f} "
        f"| {medians['gates'] / medians['node']:.1f} | {target} | {worst:.0e} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each row")
    parser.add_argument(
        "--threads", type=int, default=0, help="0: as many as onnxruntime takes, which the program does"
    )
    asked = parser.parse_args()
    print(f"{machine.describe()}, onnxruntime {onnxruntime.__version__}; medians in ms\n")
    print("| operator | units | tokens | node | Scan | Scan with gates | times the node | target | apart |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for (units, tokens), kind in product(SIZES, GATES):
        print(measure(kind, units, tokens, asked.seconds, asked.threads), flush=True)


if __name__ == "__main__":
    main()
