"""What does not resolve in a lesson: texts with numbers nobody worked out, names of nothing, claims that are not so."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from embstudio.lessons.benches import BENCHES
from embstudio.lessons.evaluate import ClaimError
from embstudio.lessons.facts import Facts, MissingError, Need
from embstudio.lessons.functions import FUNCTIONS
from embstudio.lessons.glossary import Glossary
from embstudio.lessons.lesson import Claim, Lesson, Step
from embstudio.lessons.lesson_error import LessonError
from embstudio.lessons.loader import prose_of
from embstudio.lessons.outcome import Outcome, outcome_of
from embstudio.lessons.places import PAGES, PANELS, PLACES, place_of
from embstudio.lessons.printed import read_format
from embstudio.lessons.prose import Prose
from embstudio.lessons.whereabouts import Path as Key
from embstudio.lessons.whereabouts import Whereabouts
from embstudio.trace.points import parse as parse_point


class Checker:
    """One lesson. `text` needs nothing; `missing` says what the claims still need; `claims` then has what is wrong.

    models: names that can be opened. source: the file's text, for places in it.
    """

    def __init__(self, lesson: Lesson, source: str, glossary: Glossary, models: Collection[str]) -> None:
        self._lesson, self._glossary, self._models = lesson, glossary, models
        self._places = Whereabouts(source)

    def text(self) -> Iterator[LessonError]:
        """Everything that can be told without working a claim out."""
        for key, prose in prose_of(self._lesson):
            yield from self._prose(key, prose)
        for _step, claim in self._lesson.all_claims():
            yield from self._formula(claim)
        for name, run in self._lesson.runs.items():
            if run.model not in self._models:
                yield self._error(("runs", name, "model"), f"There is no model {run.model!r}.", self._known_models)
        for name, training in self._lesson.trainings.items():
            if training.bench not in BENCHES:
                yield self._error(
                    ("trainings", name, "bench"), f"There is no bench {training.bench!r}.",
                    f"There are {', '.join(BENCHES)}.",
                )  # fmt: skip
        for place, step in enumerate(self._lesson.steps):
            yield from self._show(("step", place, "show"), step)
        yield from self._unused()

    def missing(self, facts: Facts) -> set[Need]:
        """What claims lack that is neither known nor refused."""
        found = set()
        for step, claim in self._lesson.all_claims():
            try:
                outcome_of(claim, self._lesson, step, facts)
            except MissingError as error:
                found.add(error.need)
        return found

    def claims(self, facts: Facts) -> Iterator[LessonError]:
        """The claims that are not so. Raises MissingError unless everything was fetched."""
        for step, claim in self._lesson.all_claims():
            found = outcome_of(claim, self._lesson, step, facts)
            if found.fault is not None:
                yield self.error_of(found, found.fault)

    def error_of(self, outcome: Outcome, fault: ClaimError) -> LessonError:
        """A claim's fault with its place."""
        text = outcome.claim.formula.text
        return self._error(outcome.claim.key, fault.what, fault.advice, text[fault.at : fault.at + 16])

    @property
    def _known_models(self) -> str:
        return f"There are {', '.join(self._models)}."

    def _error(self, key: Key, what: str, advice: str = "", fragment: str = "") -> LessonError:
        line, column = self._places.of(key, fragment)
        return LessonError(what, self._lesson.path, line, column, advice=advice)

    def _prose(self, key: Key, prose: Prose) -> Iterator[LessonError]:
        for flaw in prose.flaws:
            yield self._error(key, flaw.what, flaw.advice, flaw.fragment)
        step = self._lesson.steps[key[1]] if key[0] == "step" and isinstance(key[1], int) else None
        claims = {**self._lesson.claims, **(step.claims if step is not None else {})}
        for span in prose.claims:
            if span.key not in claims and span.key not in self._lesson.vectors:
                there = ", ".join((*claims, *self._lesson.vectors))
                yield self._error(key, f"There is no claim {span.key}.", f"There are {there or 'none'}.", span.key)
            if span.format:
                try:
                    read_format(span.format)
                except ValueError as error:
                    yield self._error(key, str(error), "", span.format)
        for term in prose.terms:
            if self._glossary.find(term) is None:
                yield self._error(key, f"The glossary has no {term!r}.", self._glossary.advice(term), term)

    def _formula(self, claim: Claim) -> Iterator[LessonError]:
        for name, node in claim.formula.calls:
            if name not in FUNCTIONS:
                continue  # said when it is worked out
            for argument in node.args:
                sort = FUNCTIONS[name].takes[node.args.index(argument)] if len(FUNCTIONS[name].takes) > node.args.index(
                    argument) else ""  # fmt: skip
                value = getattr(argument, "value", None)
                if sort == "model" and isinstance(value, str) and value not in self._models:
                    yield self._error(claim.key, f"There is no model {value!r}.", self._known_models, value)

    def _show(self, key: Key, step: Step) -> Iterator[LessonError]:
        show = step.show
        if show.run is not None and show.run.model and show.run.model not in self._models:
            yield self._error((*key, "model"), f"There is no model {show.run.model!r}.", self._known_models)
        if show.panel and show.panel not in PANELS:
            yield self._error((*key, "panel"), f"There is no panel {show.panel!r}.", f"There are {', '.join(PANELS)}.")
        if show.page and not show.panel:
            yield self._error((*key, "page"), "A page is one of a panel.", 'Write panel = "…" too.')
        elif show.page and show.page not in PAGES.get(show.panel, (show.page,)):
            yield self._error(
                (*key, "page"), f"There is no page {show.page!r} in {show.panel}.",
                f"There are {', '.join(PAGES[show.panel])}.",
            )  # fmt: skip
        for name, words in (
            *(("look", words) for words in ([show.look] if show.look else [])), *(("press", w) for w in show.press),
            *(("put", w) for w, _ in show.put),
        ):  # fmt: skip
            if place_of(words) is None:
                yield self._error(
                    (*key, name), f"There is no place {words!r}.",
                    f'There are {", ".join(PLACES)}; or write "panel: name", with the name that is read aloud.', words,
                )  # fmt: skip
        if show.probe:
            try:
                parse_point(show.probe.partition("[")[0])
            except ValueError:
                yield self._error((*key, "probe"), f"There is no point {show.probe.partition('[')[0]!r}.")

    def _unused(self) -> Iterator[LessonError]:
        """Claims that no text and no other claim speaks of: mostly a slip."""
        spoken = {span.key for _, prose in prose_of(self._lesson) for span in prose.claims}
        for _, claim in self._lesson.all_claims():
            spoken |= {name.id for name in claim.formula.names}
        for _, claim in self._lesson.all_claims():
            if claim.name and claim.name not in spoken:
                yield self._error(claim.key, f"No text speaks of the claim {claim.name}.",
                                  "Write {" + claim.name + "} in a text, or put it under holds.")  # fmt: skip
