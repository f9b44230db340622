"""Reading files of vectors, beside gensim: GloVe text, and word2vec's text and binary.

    python benchmarks/vector_files.py [--rows 400000] [--width 100] [--rounds 3] [--folder FOLDER]

Needs the extra `train` (gensim). The files are made first, with five significant digits as GloVe's are. Both readers
take turns in one process, so that whatever else the computer does hits both alike, and read the file from the system's
cache; what they have read is compared, number by number. Memory is that of a process of its own: how far its peak grows
while it reads, as a multiple of the table's own bytes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from embstudio.space.files import load

KINDS = ("GloVe text", "word2vec text", "word2vec binary")
_TOGETHER = 10_000  # rows written at a time


def make(path: Path, kind: str, rows: int, width: int) -> None:
    """A file with words w0, w1 ... and normally distributed numbers."""
    rng, line = np.random.default_rng(0), " ".join(["%.5g"] * width)
    with path.open("wb") as out:
        if kind != "GloVe text":
            out.write(f"{rows} {width}\n".encode())
        for start in range(0, rows, _TOGETHER):
            numbers = rng.normal(scale=0.4, size=(min(_TOGETHER, rows - start), width)).astype("<f4")
            for at, row in enumerate(numbers, start):
                vector = row.tobytes() if kind == "word2vec binary" else (line % tuple(row.tolist())).encode()
                out.write(f"w{at} ".encode() + vector + b"\n")


def with_embstudio(path: Path, kind: str) -> np.ndarray:
    """kind is not told: it is found."""
    return load(path).vectors


def with_gensim(path: Path, kind: str) -> np.ndarray:
    """As its documentation has it."""
    from gensim.models import KeyedVectors

    read = KeyedVectors.load_word2vec_format(path, binary=kind == "word2vec binary", no_header=kind == "GloVe text")
    vectors: np.ndarray = read.vectors
    return vectors


READERS: dict[str, Callable[[Path, str], np.ndarray]] = {"embstudio": with_embstudio, "gensim": with_gensim}


def growth(path: Path, kind: str, reader: str) -> float:
    """By how many times the table's bytes the peak of a fresh process grows while it reads."""
    command = [sys.executable, __file__, "--measure", reader, "--kind", kind, "--folder", str(path)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])


def measure(path: Path, kind: str, reader: str) -> None:
    """What `growth` asks of the process that it starts."""
    if reader == "gensim":
        from gensim.models import KeyedVectors  # noqa: F401 - what its import takes does not count
    before = peak()
    vectors = READERS[reader](path, kind)
    print((peak() - before) / vectors.nbytes)


def peak() -> int:
    """Bytes that this process has held at most. (`getrusage` would count those of the process that started it.)"""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1])


def row(path: Path, kind: str, rounds: int) -> str:
    """One line of the table."""
    times: dict[str, list[float]] = {name: [] for name in READERS}
    for _ in range(rounds):
        read = {}
        for name, reader in READERS.items():
            started = time.perf_counter()
            read[name] = reader(path, kind)
            times[name].append(time.perf_counter() - started)
        same = np.array_equal(read["embstudio"], read["gensim"])
    ours, theirs = (statistics.median(times[name]) for name in ("embstudio", "gensim"))
    memory = " | ".join(f"{growth(path, kind, name):.2f}" for name in READERS)
    return f"| {kind} | {ours:.2f} | {theirs:.2f} | {theirs / ours:.1f} | {'yes' if same else 'NO'} | {memory} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Reading files of vectors, beside gensim.")
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--width", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to make the files")
    parser.add_argument("--measure", choices=list(READERS), help=argparse.SUPPRESS)
    parser.add_argument("--kind", choices=KINDS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.folder, asked.kind, asked.measure)
        return
    print(f"{asked.rows:,} x {asked.width}, seconds, medians of {asked.rounds}\n")
    print("| file | embstudio | gensim | times faster | same numbers | memory, tables: embstudio | gensim |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for kind in KINDS:
            path = Path(folder) / "vectors"
            make(path, kind, asked.rows, asked.width)
            print(row(path, kind, asked.rounds), flush=True)


if __name__ == "__main__":
    main()
