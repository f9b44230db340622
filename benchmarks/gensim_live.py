"""What it costs that one looks on while gensim trains: words a second of gensim alone, and in the Lab with its view on.

    python benchmarks/gensim_live.py TEXT [--words 1000000] [--epochs 3] [--threads 1] [--dimensions 100] [--rounds 3]

Each round trains the same words (the first of TEXT, plain or .gz, words that occur less than five times left out)
twice, in turn: gensim by itself in a process of its own, with the words in memory as lists and 10,000 words a job as it
comes; and the Lab's page in a window, full speed, map gliding, loss measured. Skip-gram, window 5 as drawn, 5
negatives, subsampling 1e-3. Timed is training alone: gensim's `train`, and in the Lab from the first word seen to
the last, by its own count. Beside it, where the system tells (Linux), the processor time of the process that
trains, which other programs change little. Aim: at most 5 % of the speed. Needs gensim; QT_QPA_PLATFORM=offscreen where
there is no display (painting is then done all the same).
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from machine import describe

ALONE = """
import json, os, sys, time
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
from gensim.models import Word2Vec
text, epochs, threads, width = sys.argv[1], *map(int, sys.argv[2:])
words = open(text, encoding="utf-8").read().split()
sentences = [words[at : at + 1000] for at in range(0, len(words), 1000)]
model = Word2Vec(vector_size=width, window=5, min_count=5, sample=1e-3, seed=1, workers=threads, sg=1, negative=5,
                 alpha=0.025, min_alpha=0.00025, epochs=epochs, shrink_windows=False)
model.build_vocab(sentences)
began, used = time.perf_counter(), time.process_time()
model.train(sentences, total_examples=len(sentences), epochs=epochs)
seconds, used = time.perf_counter() - began, time.process_time() - used
known = sum(word in model.wv.key_to_index for word in words)
print(json.dumps([epochs * known / seconds, 1e6 * used / (epochs * known)]))
"""


def processor_time(pid: int | None) -> float:
    """Seconds of a process so far; nan where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return math.nan


def alone(file: Path, asked: argparse.Namespace) -> tuple[float, float]:
    """Words a second, of those that are learnt, and microseconds of processor time a word."""
    numbers = [str(number) for number in (asked.epochs, asked.threads, asked.dimensions)]
    command = [sys.executable, "-c", ALONE, str(file), *numbers]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    speed, used = json.loads(said.splitlines()[-1])
    return speed, used


def watched(file: Path, asked: argparse.Namespace) -> tuple[float, float, float]:
    """Words a second with the page in sight, microseconds of processor time of the process that trains for each, and
    frames a second that the page painted."""
    from PySide6.QtWidgets import QApplication

    from embstudio.gui.panels.lab.word2vec_page import Word2vecPage
    from embstudio.gui.style.theme import Theme
    from embstudio.lab.messages import Standing
    from embstudio.lab.word2vec.settings import GENSIM
    from embstudio.studio import Studio

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme = Theme(application)
    theme.apply("dark")
    page = Word2vecPage(Studio(lambda *_: None, lambda _: None), theme)
    page.resize(1100, 700)
    page.show()
    page.bar.pace.setCurrentText("full speed")
    page.text.open(file)
    page.knobs.set_settings(
        replace(
            page.knobs.settings, trainer=GENSIM, threads=asked.threads, window=5, dimensions=asked.dimensions,
            negatives=5, subsampling=1e-3, rate=0.025, rarest=5, epochs=asked.epochs,
        )
    )  # fmt: skip
    began = 0.0
    page.run()
    while page.report is None or page.report.standing is not Standing.FINISHED:
        application.processEvents()
        time.sleep(0.001)
        if page.fault.text():
            raise SystemExit(page.fault.text())
        if not began and page.report is not None and page.report.epoch + page.report.share > 0:
            began, at, frames = time.perf_counter(), page.report.epoch + page.report.share, page.map.frames
            used = processor_time(page.link.training.pid if page.link.training is not None else None)
    assert page.link.training is not None
    used = processor_time(page.link.training.pid) - used
    seconds = time.perf_counter() - began
    assert page.seen is not None
    words = int(page.seen.about.counts.sum()) * (asked.epochs - at)
    painted = page.map.frames - frames
    page.link.close()
    page.close()
    return words / seconds, 1e6 * used / words, painted / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--dimensions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    opened = gzip.open if asked.text.suffix == ".gz" else open
    with opened(asked.text, "rt", encoding="utf-8") as source:
        words = source.read(8 * asked.words).lower().split()[: asked.words]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "words.txt"
        lines = [" ".join(words[at : at + 1000]) for at in range(0, len(words), 1000)]
        file.write_text("\n".join(lines), encoding="utf-8")
        print(describe())
        print(f"{len(words):,} words, {asked.epochs} epochs, {asked.dimensions} dimensions, {asked.threads} threads")
        print("| round | gensim alone, words/s | in the Lab, seen | cost | µs of processor | seen | more | frames/s |")
        print("|---|---|---|---|---|---|---|---|")
        costs, works = [], []
        for number in range(1, asked.rounds + 1):
            bare, bare_work = alone(file, asked)
            seen, work, frames = watched(file, asked)
            costs.append(1 - seen / bare)
            works.append(work / bare_work - 1)
            print(f"| {number} | {bare:,.0f} | {seen:,.0f} | {costs[-1]:.1%} | {bare_work:.2f} | {work:.2f} "
                  f"| {works[-1]:.1%} | {frames:.0f} |", flush=True)  # fmt: skip
        print(f"median cost {statistics.median(costs):.1%} of the speed (aim: at most 5 %), "
              f"{statistics.median(works):.1%} more processor time")  # fmt: skip


if __name__ == "__main__":
    main()
