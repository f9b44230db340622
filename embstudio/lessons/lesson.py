"""A lesson as it was read from its file: short steps, each with what it says, shows, asks and claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from embstudio.lessons.formula import Formula
from embstudio.lessons.printed import Format
from embstudio.lessons.prose import Prose
from embstudio.lessons.whereabouts import Path as Key

Expected = float | str | bool | tuple["Expected", ...]


@dataclass(frozen=True)
class Claim:
    """A number (or a word, or yes and no) that a lesson speaks of. within: how far it may be from `expected`; None: as
    far as leaves what is printed the same. key: where it stands in the file."""

    name: str
    formula: Formula
    expected: Expected
    within: float | None = None
    format: Format | None = None
    key: Key = ()


@dataclass(frozen=True)
class Run:
    """A text through a model. hold: gates and states that are replaced, as on the command line, with words for tokens:
    `lstm.0.forward.f@dog..:=0.99`."""

    model: str
    text: str
    hold: tuple[str, ...] = ()
    second: str = ""


@dataclass(frozen=True)
class Training:
    """What a bench of the Lab has learnt. settings: its knobs, where they are others than it begins with."""

    bench: str
    settings: tuple[tuple[str, float | int | str | bool], ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Ask:
    """A question before anything is shown. right: place of the right choice, from 0."""

    question: Prose
    choices: tuple[Prose, ...]
    right: int
    after: Prose


@dataclass(frozen=True)
class Row:
    """One thing as it was noted and as it is."""

    what: Prose
    noted: Prose
    real: Prose


@dataclass(frozen=True)
class Show:
    """What a step sets, where it is not as it was. What is None or empty stays.

    at: the token, by its word. probe: a value for the inspector, `lstm.0.forward.c[0]`. page: of the panel.
    put: (place in words, value) of controls, set in this order. press: buttons, pressed after that.
    look: the place to look at, in words (see `places`).
    """

    run: Run | None = None
    at: str = ""
    panel: str = ""
    page: str = ""
    layer: int | None = None
    head: int | None = None
    unit: int | None = None
    probe: str = ""
    put: tuple[tuple[str, str | float | bool], ...] = ()
    press: tuple[str, ...] = ()
    look: str = ""

    @property
    def is_empty(self) -> bool:
        return self == Show()


@dataclass(frozen=True)
class Step:
    """One thing. play: what to try by oneself. holds: what must be so for the words to be true, without a number."""

    title: Prose
    text: Prose
    show: Show = field(default_factory=Show)
    ask: Ask | None = None
    rows: tuple[Row, ...] = ()
    play: Prose = field(default_factory=Prose)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    holds: tuple[Claim, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def prose(self) -> Iterator[tuple[Key, Prose]]:
        """All its texts, with where they stand within the step."""
        yield ("title",), self.title
        yield ("text",), self.text
        yield ("play",), self.play
        if self.ask is not None:
            yield ("ask", "question"), self.ask.question
            yield from ((("ask", "choices"), choice) for choice in self.ask.choices)
            yield ("ask", "after"), self.ask.after
        for row in self.rows:
            yield from ((("compare",), text) for text in (row.what, row.noted, row.real))


@dataclass(frozen=True)
class Lesson:
    """path: the file. number: its place in the course; 0: it has none. minutes: about how long it takes.

    vectors, runs, trainings, claims: by name, for all steps.
    """

    path: Path
    title: Prose
    summary: Prose
    steps: tuple[Step, ...]
    number: int = 0
    minutes: int = 0
    sources: tuple[str, ...] = ()
    vectors: Mapping[str, tuple[float, ...] | tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)
    trainings: Mapping[str, Training] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What its progress is remembered under."""
        return self.path.stem

    def names(self, step: Step | None = None) -> Mapping[str, object]:
        """What formulas can speak of, in a step or in all."""
        return {**self.vectors, **self.runs, **self.trainings, **self.claims, **(step.claims if step else {})}

    def scene(self, at: int) -> Show:
        """What step `at` sets. Model, text, panel and page that it leaves out are those of the steps before it, so that
        it can be opened directly; the cursor's word goes with the text."""
        scene = Show()
        for step in self.steps[: at + 1]:
            show = step.show
            run = _joined(scene.run, show.run)
            same_text = run is not None and scene.run is not None and run.text == scene.run.text
            scene = replace(
                show, run=run, panel=show.panel or scene.panel,
                page=show.page if show.panel or show.page else scene.page,
                at=show.at or (scene.at if same_text else ""),
            )  # fmt: skip
        return scene

    def all_claims(self) -> Iterator[tuple[Step | None, Claim]]:
        """Each with the step it is of."""
        yield from ((None, claim) for claim in self.claims.values())
        for step in self.steps:
            yield from ((step, claim) for claim in (*step.claims.values(), *step.holds))


def _joined(before: Run | None, run: Run | None) -> Run | None:
    """A run with what it leaves out as the one before had it; held values are its own."""
    if run is None or before is None:
        return run or before
    return replace(run, model=run.model or before.model, text=run.text or before.text)
