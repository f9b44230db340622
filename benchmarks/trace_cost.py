"""What a trace of every point costs beside a plain onnxruntime run of the same model.

    python benchmarks/trace_cost.py [--seconds 2]

Both take turns in one process, so that whatever else the computer does hits both alike. The plain run is the model
file as it is, asked for its own outputs, with the same session options. Prints a markdown table of medians; `run` is
the part of a trace that onnxruntime takes, `trace` all of it: tokens, run, batch dropped, axes put in order.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import onnxruntime

from embstudio.modelfile.catalogue import ModelSource, bundled
from embstudio.modelfile.model_file import ModelFile
from embstudio.session.feeding.beside import Beside
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.sequences import Sequences
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner

LENGTHS = (15, 64, 128)


def plain_session(source: ModelSource) -> onnxruntime.InferenceSession:
    """The model as somebody would run it who wants nothing but its outputs."""
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(source.path, options, providers=["CPUExecutionProvider"])


def milliseconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - started)


def measure(source: ModelSource, length: int, seconds: float) -> str:
    """One row of the table."""
    reference = ModelRef(source.path, source.tokenizer)
    runner, plain = Runner.open(reference), plain_session(source)
    anatomy = runner.opened.anatomy
    rows = anatomy.embeddings[0].rows
    ids = tuple((17 * place + 5) % rows for place in range(length))
    feeder = Feeder(ModelFile(source.path).graph, anatomy, Beside.of(source.path))
    feeds, request = feeder.feeds(Sequences(ids)).feeds, TraceRequest(reference, ids=ids)
    plain_times, run_times, trace_times = [], [], []
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        plain_times.append(milliseconds(lambda: plain.run(None, feeds)))
        started = time.perf_counter()
        trace = runner.trace(request)
        trace_times.append(1000 * (time.perf_counter() - started))
        run_times.append(trace.milliseconds)
    base, run, whole = (statistics.median(times) for times in (plain_times, run_times, trace_times))
    return (
        f"| {source.name} | {length} | {base:.3f} | {run:.3f} | {whole:.3f} | {run / base:.2f} | {whole / base:.2f} "
        f"| {len(trace.arrays)} | {trace.nbytes / 2**20:.2f} |"
    )


def main() -> None:
    """Measure every bundled model at every length."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each row")
    seconds = parser.parse_args().seconds
    print("| model | tokens | plain ms | run ms | trace ms | run ÷ plain | trace ÷ plain | points | MiB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for source in bundled():
        longest = int(source.card.architecture.get("context", max(LENGTHS))) if source.card else max(LENGTHS)
        for length in (each for each in LENGTHS if each <= longest):
            print(measure(source, length, seconds), flush=True)


if __name__ == "__main__":
    main()
