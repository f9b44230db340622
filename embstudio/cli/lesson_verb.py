"""lesson list, lesson check: what lessons there are, and whether all that they say resolves and is so."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from embstudio.base.errors import InputError, StudioError
from embstudio.base.paths import resources_dir
from embstudio.lessons.benches import order_of
from embstudio.lessons.check import Checker
from embstudio.lessons.course import lesson_files, lessons_dir, load_shelf
from embstudio.lessons.facts import Need, Trained, TrainingNeed
from embstudio.lessons.glossary import load_glossary
from embstudio.lessons.lesson import Lesson, Training
from embstudio.lessons.lesson_error import LessonError
from embstudio.lessons.loader import load_lesson
from embstudio.lessons.outcome import outcome_of
from embstudio.modelfile import catalogue
from embstudio.session.messages import (
    EmbedRequest,
    Failed,
    GradientRequest,
    ModelRef,
    OpenRequest,
    PrefixRequest,
    Reply,
    Request,
    Table,
    TableRequest,
    Traced,
    TraceRequest,
)
from embstudio.session.runner import Runner
from embstudio.studio.lesson_facts import LessonFacts


def perform_lesson(asked: argparse.Namespace) -> int:
    """Returns the exit status. Raises StudioError."""
    if asked.what == "list":
        return _list(asked.paths)
    return _check(asked.paths, values=asked.values)


def _list(paths: list[Path]) -> int:
    shelf = load_shelf(paths or [lessons_dir()])
    for lesson in shelf.lessons:
        number = f"{lesson.number:2}" if lesson.number else "  "
        minutes = f", about {lesson.minutes} min" if lesson.minutes else ""
        print(f"{number}  {lesson.name:24} {lesson.title.source} ({len(lesson.steps)} steps{minutes})")
    for error in shelf.refused:
        _say(error)
    return 1 if shelf.refused else 0


def _check(paths: list[Path], *, values: bool) -> int:
    files = [file for path in paths or [lessons_dir()] for file in lesson_files(path)]
    if not files:
        raise InputError("There are no lessons here.", where=", ".join(map(str, paths)),
                         advice="Give a lesson's file, or a folder with some.")  # fmt: skip
    workshop = Workshop()
    failed = False
    for file in files:
        started = time.perf_counter()
        try:
            lesson = load_lesson(file)
        except LessonError as error:
            _say(error)
            failed = True
            continue
        faults = list(workshop.faults(lesson))
        for fault in faults:
            _say(fault)
        failed |= bool(faults)
        if values:
            print("\n".join(workshop.values(lesson)))
        claims = sum(1 for _ in lesson.all_claims())
        if not faults:
            seconds = time.perf_counter() - started
            print(f"{file.name}: {len(lesson.steps)} steps, {claims} claims, all so ({seconds:.1f} s)", flush=True)
    return 1 if failed else 0


def _say(error: LessonError) -> None:
    print(f"{error.path}:{error.line}:{error.column}: {error.what}", file=sys.stderr)
    if error.advice:
        print(f"    {error.advice}", file=sys.stderr)


class Workshop:
    """Works the claims of lessons out in this process. What was run once is not run again."""

    def __init__(self) -> None:
        self._runners: dict[ModelRef, Runner] = {}
        self._asked: list[Request] = []
        self._needs = LessonFacts(lambda request, _lane: self._asked.append(request), lambda _lane: None, str)
        self._glossary = load_glossary(resources_dir() / "glossary.toml")
        self._models = tuple(source.name for source in (*catalogue.bundled(), *catalogue.added()))

    def faults(self, lesson: Lesson) -> Iterator[LessonError]:
        """What is wrong with a lesson, one by one."""
        checker = Checker(lesson, lesson.path.read_text(encoding="utf-8-sig"), self._glossary, self._models)
        yield from checker.text()
        facts = self._needs.facts
        while needs := checker.missing(facts):
            self._fetch(needs)
        yield from checker.claims(facts)

    def values(self, lesson: Lesson) -> Iterator[str]:
        """What each claim comes to, once `faults` has been through."""
        for step, claim in lesson.all_claims():
            found = outcome_of(claim, lesson, step, self._needs.facts)
            yield f"  {claim.name or 'holds'}: {found.printed()}   = {claim.formula.text}   {found.value!r}"

    def _fetch(self, needs: set[Need]) -> None:
        facts = self._needs.facts
        for need in needs:
            if isinstance(need, TrainingNeed):
                try:
                    facts.known[need] = _trained(need.training)
                except StudioError as error:
                    facts.refused[need] = str(error)
        self._needs.want(need for need in needs if not isinstance(need, TrainingNeed))
        while self._asked:
            self._needs.receive(self._answer(self._asked.pop(0)))

    def _answer(self, request: Request) -> Reply:
        try:
            return self._done(request)
        except StudioError as error:
            return Failed(request, error)

    def _done(self, request: Request) -> Reply:
        if request.model not in self._runners:
            self._runners[request.model] = Runner.open(request.model)
        runner = self._runners[request.model]
        match request:
            case OpenRequest():
                return replace(runner.opened, key=request.key)
            case TraceRequest():
                return Traced(request.model, request.text, runner.trace(request), request)
            case GradientRequest():
                return runner.gradients(request)
            case PrefixRequest():
                return runner.prefixes(request)
            case EmbedRequest():
                return runner.embed(request)
            case TableRequest():
                return Table(request.model, runner.table)
        raise AssertionError(request)


def _trained(training: Training) -> Trained:
    """A bench's training, from its beginning to its end, here. Raises StudioError."""
    from embstudio.lab.bench import Diverged

    bench = order_of(training).bench()
    try:
        while bench.epoch < bench.epochs:
            bench.advance(1.0)
    except Diverged as error:
        raise InputError(f"The training ran away: {error}") from error
    shown = bench.snapshot()
    return Trained(bench.about, shown.arrays, shown.facts)
