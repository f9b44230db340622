"""embed: vectors of texts, made in the worker process and kept as they come."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from embstudio.cli.vector_sets import note
from embstudio.modelfile import catalogue
from embstudio.session.messages import ModelRef, Pooling
from embstudio.session.text_vectors.job import EmbedJob, Progress, TextVectors
from embstudio.session.text_vectors.made_set import said, set_of
from embstudio.session.worker_client import WorkerClient
from embstudio.space.files import save
from embstudio.space.files.save import check_ending
from embstudio.space.texts import Texts, read_texts
from embstudio.space.vector_set import VectorSet


def perform_embed(asked: argparse.Namespace, pooling: Pooling | None) -> int:
    """Returns the exit status. Raises StudioError, or KeyboardInterrupt when stopped."""
    check_ending(asked.out)  # before a long calculation
    part = asked.out.with_name(f"{asked.out.name}.part")
    source = catalogue.find(asked.model)
    texts = read_texts(asked.input, asked.column, asked.encoding)
    progress = _Told(part)
    client = WorkerClient(on_died=note)
    client.start()
    try:
        model = ModelRef(source.path, source.tokenizer, asked.provider)
        made = EmbedJob(
            client, model, texts.texts, part, batch=asked.batch, pooling=pooling, on_progress=progress.tell
        ).run()
    except KeyboardInterrupt:
        progress.say_stopped()
        raise
    finally:
        progress.end()
        client.close()
    vectors = set_of(texts, made, source.title)
    save(vectors, asked.out)
    made.part.remove()
    if asked.json:
        print(json.dumps(_data(asked.out, vectors, texts, made, progress.rate), indent=2, ensure_ascii=False))
        return 0
    print(f"{asked.out}: {len(vectors):,} vectors of {vectors.width:,} numbers"
          + (f", {progress.rate:,.0f} texts a second" if progress.rate else ""))  # fmt: skip
    for line in said(texts, made):
        print(line)
    for sentence in made.plan.notes:
        note(sentence)
    return 0


def _data(out: Path, vectors: VectorSet, texts: Texts, made: TextVectors, rate: float | None) -> dict[str, Any]:
    """The same for programs. docs/command-line.md lists the keys."""
    plan = made.plan
    return {
        "format": "embstudio embed", "version": 1, "out": str(out), "rows": len(vectors), "width": vectors.width,
        "source": vectors.source, "steps": list(plan.steps), "way": plan.way, "provider": plan.provider,
        "limit": plan.limit, "cut": int(made.cut.sum()), "blank": texts.blank,
        "nothing_known": int((~made.found).sum()), "resumed": made.resumed, "texts_per_second": rate,
        "notes": list(plan.notes),
    }  # fmt: skip


class _Told:
    """Progress on standard error: one line that is written over on a terminal, else a line for every tenth."""

    def __init__(self, part: Path) -> None:
        self._part, self._last = part, Progress(0, 0, 0)
        self._started, self._tenth = 0.0, -1
        self._shown = sys.stderr.isatty()
        self.rate: float | None = None  # texts a second, those that were there before left out

    def tell(self, progress: Progress) -> None:
        now, self._last = time.perf_counter(), progress
        fresh = progress.done - progress.resumed
        if self._tenth < 0:
            self._started, self._tenth = now, 0
            if progress.resumed:
                self._line(f"going on after {progress.resumed:,} of {progress.total:,} texts")
            return
        self.rate = fresh / max(now - self._started, 1e-9)
        tenth = 10 * progress.done // progress.total
        if self._shown or tenth > self._tenth:
            self._tenth = tenth
            left = (progress.total - progress.done) / self.rate
            self._line(f"{progress.done:,} of {progress.total:,} texts, {self.rate:,.0f} a second"
                       + (f", {left:,.0f} s left" if left >= 1 else ""))  # fmt: skip

    def say_stopped(self) -> None:
        self.end()
        if self._last.total:
            note(f"stopped after {self._last.done:,} of {self._last.total:,} texts, which are kept in {self._part}: "
                 "the same command goes on from there")  # fmt: skip

    def end(self) -> None:
        """Leave the line that was written over."""
        if self._shown and self._tenth >= 0:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _line(self, text: str) -> None:
        print(f"\r\033[K{text}" if self._shown else text, end="" if self._shown else "\n", file=sys.stderr, flush=True)
