"""What looking costs: a trace of every point against a plain onnxruntime run of the same file, for each bundled model.

    python benchmarks/tracing.py [runs]

Both get the same token ids and onnxruntime's own defaults, except that threads do not spin, as in the program. They
take turns, so that a busy machine is busy for both.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import onnxruntime
from machine import describe

from embstudio.modelfile.catalogue import bundled
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner

LENGTHS = (15, 120)


def milliseconds(act: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - start)


def plain_session(path: str) -> onnxruntime.InferenceSession:
    """The file as it is, in onnxruntime alone."""
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def compare(runner: Runner, session: onnxruntime.InferenceSession, ids: tuple[int, ...], runs: int) -> list[float]:
    """Medians of a plain run and of a trace of all points, milliseconds."""
    feeds = {"input_ids": np.array([ids], dtype=np.int64)}
    request = TraceRequest(runner.opened.model, ids=ids)

    def plain() -> object:
        return session.run(None, feeds)

    def trace() -> object:
        return runner.trace(request)

    plain(), trace()  # both have made their memory
    times = [(milliseconds(plain), milliseconds(trace)) for _ in range(runs)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def main(runs: int) -> None:
    """Print one line a model and length: medians, and trace over plain run."""
    print(f"{describe()}; onnxruntime {onnxruntime.__version__}, {runs} runs each\n")
    print("| model, tokens | plain run ms | trace ms | ratio | target |\n|---|---|---|---|---|")
    for source in bundled():
        runner = Runner.open(ModelRef(source.path, source.tokenizer))
        session = plain_session(str(source.path))
        rows = runner.opened.anatomy.embeddings[0].rows
        for length in LENGTHS:
            ids = tuple(int(id_) for id_ in np.random.default_rng(0).integers(0, rows, length))
            plain, traced = compare(runner, session, ids, runs)
            print(f"| {source.name}, {length} | {plain:.2f} | {traced:.2f} | {traced / plain:.2f} | ≤ 1.3 × |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
