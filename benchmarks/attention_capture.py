"""All attention of a MiniLM-sized encoder: captured here, beside a plain run, and beside PyTorch's own way.

    python benchmarks/attention_capture.py [--rounds 15]

Needs the extra `benchmark` (PyTorch and transformers). All take turns in one process, on the same weights, ids and
number of threads, so that whatever else the computer does hits all alike; the difference column holds the patterns
against PyTorch's. `plain` is onnxruntime on the file as it is; `capture` is a whole trace of every layer's pattern,
with tokens, axes and checks; `PyTorch` is `output_attentions=True`. Memory is that of a process of its own: the growth
of its peak while everything is captured, beside the bytes of the arrays.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner

LENGTHS = (128, 512)


def ids_of(length: int) -> tuple[int, ...]:
    """Token ids all over the vocabulary."""
    return tuple((7919 * place + 101) % 30_000 for place in range(length))


def milliseconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - started)


def speed(path: Path, model: object, length: int, rounds: int) -> str:
    """One row of the table of times."""
    import onnxruntime
    import torch

    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    plain = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    ref = ModelRef(path)
    runner = Runner.open(ref)
    ids = ids_of(length)
    request = TraceRequest(ref, ids=ids, points=("*.pattern",))
    batch = np.array([ids])
    feeds = {"input_ids": batch, "attention_mask": np.ones_like(batch), "token_type_ids": np.zeros_like(batch)}
    tensors = {name: torch.from_numpy(value) for name, value in feeds.items()}

    def pytorch() -> list[np.ndarray]:
        with torch.no_grad():
            return [layer.numpy() for layer in model(**tensors, output_attentions=True).attentions]  # type: ignore[operator]

    expected, trace = pytorch(), runner.trace(request)
    apart = max(
        float(np.abs(trace[f"blocks.{layer}.attn.pattern"].values - pattern[0]).max())
        for layer, pattern in enumerate(expected)
    )
    times: dict[str, list[float]] = {"plain": [], "capture": [], "pytorch": []}
    for _ in range(rounds):
        times["plain"].append(milliseconds(lambda: plain.run(None, feeds)))
        times["capture"].append(milliseconds(lambda: runner.trace(request)))
        times["pytorch"].append(milliseconds(pytorch))
    base, capture, eager = (statistics.median(times[name]) for name in ("plain", "capture", "pytorch"))
    return (
        f"| {length} | {base:.1f} | {capture:.1f} | {eager:.1f} | {capture / base:.2f} | {eager / capture:.2f} "
        f"| {trace.nbytes / 2**20:.1f} | {apart:.1e} |"
    )


def peak(path: Path, length: int) -> str:
    """One row of the table of memory; run in a process of its own."""
    ref = ModelRef(path)
    runner = Runner.open(ref)
    runner.trace(TraceRequest(ref, ids=ids_of(8)))
    before = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here on
    trace = runner.trace(TraceRequest(ref, ids=ids_of(length), budget_bytes=2**33))
    grown = _resident("VmHWM") - before
    return (
        f"| {length} | {len(trace.arrays)} | {before / 2**20:.0f} | {trace.nbytes / 2**20:.1f} | {grown / 2**20:.1f} "
        f"| {grown / trace.nbytes:.2f} |"
    )


def _resident(entry: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(entry))
    return 1024 * int(line.split()[1])


def main() -> None:
    """Measure both lengths, in time and in memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--peak", nargs=2, metavar=("MODEL", "TOKENS"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.peak:
        print(peak(Path(asked.peak[0]), int(asked.peak[1])))
        return
    import torch

    from benchmarks.minilm_sized import export, torch_model

    torch.set_num_threads(os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as folder:
        model = torch_model()
        path = export(model, Path(folder) / "model.onnx")
        print(
            "| tokens | plain ms | capture ms | PyTorch ms | capture ÷ plain | PyTorch ÷ capture | MiB | difference |"
        )
        print("|---|---|---|---|---|---|---|---|")
        for length in LENGTHS:
            print(speed(path, model, length, asked.rounds), flush=True)
        print("\n| tokens | points | before MiB | arrays MiB | peak growth MiB | growth ÷ arrays |")
        print("|---|---|---|---|---|---|")
        for length in LENGTHS:
            command = [sys.executable, __file__, "--peak", str(path), str(length)]
            print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), flush=True)


if __name__ == "__main__":
    main()
