"""The lesson one is in: which step, how far one has come, what its claims come to, and what one had before.

No numpy at the top, and nothing is read: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from embstudio.base.events import Signal
from embstudio.session.messages import Reply, Request
from embstudio.studio.lesson_facts import LessonFacts
from embstudio.studio.lesson_stage import Before, LessonStage
from embstudio.studio.lesson_trainings import LessonTrainings

if TYPE_CHECKING:
    from embstudio.lessons.course import Shelf
    from embstudio.lessons.glossary import Entry, Glossary
    from embstudio.lessons.lesson import Claim, Lesson, Show, Step
    from embstudio.lessons.outcome import Outcome
    from embstudio.studio.studio import Studio


class LessonDesk:
    """shelf_changed: other lessons are there. step_changed: another step, or none. outcomes_changed: a claim was
    worked out. term_wanted(name): somebody asks what a word means. entered, left: of a lesson."""

    def __init__(
        self, studio: Studio, submit: Callable[[Request, str], object], cancel: Callable[[str], object]
    ) -> None:
        self.shelf_changed: Signal[[]] = Signal()
        self.step_changed: Signal[[]] = Signal()
        self.outcomes_changed: Signal[[]] = Signal()
        self.term_wanted: Signal[str] = Signal()
        self.entered: Signal[[]] = Signal()
        self.left: Signal[[]] = Signal()
        self.shown: Signal[[]] = Signal()  # the panels are to be set as the step says
        self.stage = LessonStage(studio)
        self.needs = LessonFacts(submit, cancel, lambda: studio.provider)
        self.trainings = LessonTrainings(lambda: self.needs.facts)
        self.lesson: Lesson | None = None
        self.at = 0
        self.before: Before | None = None
        self.folders: list[str] = []  # of the person's own lessons, and single files
        self._shelf: Shelf | None = None
        self._glossary: Glossary | None = None
        self._seen: dict[str, set[int]] = {}
        self._answered: set[tuple[str, int]] = set()
        self._outcomes: dict[tuple[str, Claim], Outcome] = {}
        self.needs.changed.connect(self._work_out)
        self.trainings.changed.connect(self._work_out)

    # What there is -----------------------------------------------------------------------------------------------

    @property
    def shelf(self) -> Shelf:
        """The lessons, read when they are first asked for."""
        if self._shelf is None:
            from embstudio.lessons.course import lessons_dir, load_shelf

            self._shelf = load_shelf([lessons_dir(), *map(Path, self.folders)])
        return self._shelf

    @property
    def glossary(self) -> Glossary:
        """Read when it is first asked for. Raises ResourceError."""
        if self._glossary is None:
            from embstudio.base.paths import resources_dir
            from embstudio.lessons.glossary import load_glossary

            self._glossary = load_glossary(resources_dir() / "glossary.toml")
        return self._glossary

    def entry(self, term: str) -> Entry | None:
        """What the glossary says of a term."""
        return self.glossary.find(term)

    def add(self, path: Path) -> None:
        """Take a folder of lessons, or one lesson, among the others. Raises LessonError for a file that is none."""
        from embstudio.lessons.course import lesson_files
        from embstudio.lessons.lesson_error import LessonError
        from embstudio.lessons.loader import load_lesson

        files = lesson_files(path)
        if not files:
            raise LessonError(
                "There are no lessons in this folder.", path, 1, 1,
                advice="Lessons are files that end in .toml; docs/lessons.md has a whole example.",
            )  # fmt: skip
        if not path.is_dir():
            load_lesson(path)
        if str(path) not in self.folders:
            self.folders.append(str(path))
        self.reload()

    def reload(self) -> None:
        """Read all lessons anew, and stay where one is."""
        self._shelf = None
        self._outcomes.clear()
        if self.lesson is not None:
            again = next((each for each in self.shelf.lessons if each.path == self.lesson.path), None)
            if again is None:
                self.leave()
            else:
                self.lesson, self.at = again, min(self.at, len(again.steps) - 1)
                self._work_out()
                self.step_changed.emit()
        self.shelf_changed.emit()

    # How far one has come ----------------------------------------------------------------------------------------

    def seen(self, lesson: Lesson) -> set[int]:
        """The steps that one has been at."""
        return {at for at in self._seen.get(lesson.name, set()) if at < len(lesson.steps)}

    @property
    def progress(self) -> list[str]:
        """The same of all lessons, to be remembered: `09-vanishing: 0 1 2`."""
        return [f"{name}: {' '.join(map(str, sorted(at)))}" for name, at in sorted(self._seen.items()) if at]

    def restore(self, progress: Iterable[str], folders: Iterable[str]) -> None:
        """Take what was remembered; what makes no sense is passed over."""
        self.folders = [folder for folder in folders if Path(folder).exists()]
        for line in progress:
            name, _, places = line.rpartition(":")
            self._seen[name] = {int(place) for place in places.split() if place.isascii() and place.isdigit()}

    @property
    def is_new(self) -> bool:
        """Whether no lesson was ever looked at."""
        return not self._seen

    @property
    def next_up(self) -> tuple[Lesson, int] | None:
        """Where to go on: the first step of the course that one has not been at."""
        for lesson in self.shelf.lessons:
            left = sorted(set(range(len(lesson.steps))) - self.seen(lesson))
            if left:
                return lesson, left[0]
        return None

    # Where one is ------------------------------------------------------------------------------------------------

    @property
    def step(self) -> Step | None:
        """The step one is at."""
        return self.lesson.steps[self.at] if self.lesson is not None else None

    def open(self, lesson: Lesson, at: int = 0) -> None:
        """Go to a step of a lesson, and set the panels as it says."""
        if self.lesson is None:
            self.before = self.stage.take()
            self.entered.emit()
        self.lesson, self.at = lesson, max(0, min(at, len(lesson.steps) - 1))
        self._seen.setdefault(lesson.name, set()).add(self.at)
        self._work_out()
        self.step_changed.emit()
        if not self.asks:
            self.show()

    def go(self, steps: int) -> None:
        """So many steps on, or back; beyond the last one the next lesson begins."""
        if self.lesson is None:
            return
        at = self.at + steps
        if 0 <= at < len(self.lesson.steps):
            self.open(self.lesson, at)
        elif at > 0:
            lessons = self.shelf.lessons
            place = next((n for n, each in enumerate(lessons) if each.path == self.lesson.path), len(lessons))
            if place + 1 < len(lessons):
                self.open(lessons[place + 1])

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after this step."""
        if self.lesson is None or self.at < len(self.lesson.steps) - 1:
            return False
        return not self.shelf.lessons or self.lesson.path == self.shelf.lessons[-1].path

    @property
    def asks(self) -> bool:
        """Whether the step's question was not answered yet."""
        step = self.step
        return step is not None and step.ask is not None and (self._name, self.at) not in self._answered

    def answer(self) -> None:
        """The question was answered, or the person would rather look."""
        if self.asks:
            self._answered.add((self._name, self.at))
            self.step_changed.emit()
            self.show()

    def show(self) -> None:
        """Set the panels as the step says, again if need be."""
        step = self.step
        if step is not None:
            self.shown.emit()
            self.stage.show(self.scene)

    @property
    def scene(self) -> Show:
        """What the panels are to be set to at this step, whichever way one came here (see `Lesson.scene`)."""
        assert self.lesson is not None
        return self.lesson.scene(self.at)

    def leave(self) -> None:
        """Go back to what one had before the lessons."""
        if self.lesson is None:
            return
        before, self.before, self.lesson = self.before, None, None
        self.needs.stop()
        self.trainings.close()
        self.stage.stop()
        self.step_changed.emit()
        self.left.emit()
        if before is not None:
            self.stage.give_back(before)

    @property
    def _name(self) -> str:
        return self.lesson.name if self.lesson is not None else ""

    # What its claims come to -------------------------------------------------------------------------------------

    def outcome(self, claim: Claim) -> Outcome | None:
        """What became of a claim; None while it is being worked out."""
        return self._outcomes.get((self._name, claim))

    def claim(self, name: str) -> Claim | None:
        """The claim that a text of this step calls by a name."""
        if self.lesson is None or self.step is None:
            return None
        return self.step.claims.get(name) or self.lesson.claims.get(name)

    def receive(self, reply: Reply) -> bool:
        """Take an answer of the worker; whether it was to something asked here."""
        return self.needs.receive(reply)

    def _work_out(self) -> None:
        """The claims that this step's texts speak of, as far as what they need is there; ask for the rest."""
        lesson, step = self.lesson, self.step
        if lesson is None or step is None:
            return
        from embstudio.lessons.facts import MissingError, TrainingNeed
        from embstudio.lessons.outcome import outcome_of

        names = dict.fromkeys(span.key for _, prose in step.prose for span in prose.claims)
        claims = [claim for name in names if (claim := self.claim(name)) is not None]
        found = False
        for claim in claims:
            if (self._name, claim) in self._outcomes:
                continue
            try:
                self._outcomes[self._name, claim] = outcome_of(claim, lesson, step, self.needs.facts)
                found = True
            except MissingError as missing:
                if isinstance(missing.need, TrainingNeed):
                    self.trainings.want(missing.need)
                else:
                    self.needs.want([missing.need])
        if found:
            self.outcomes_changed.emit()
