"""What claims must ask of models, and what came back. Whoever works claims out hands in the answers as they come: until
then a claim raises `Missing`, which names what it lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from embstudio.lessons.lesson import Run, Training

if TYPE_CHECKING:
    import numpy as np

    from embstudio.space.lookup import Lookup
    from embstudio.stepper.watch.scope import Scope

_F = TypeVar("_F")


@dataclass(frozen=True)
class RunNeed:
    """A text through a model: answered by `Ran`. everywhere: predictions are wanted at each token, also of a model that
    judges whole texts, which is then run on each beginning of the text."""

    run: Run
    everywhere: bool = False


@dataclass(frozen=True)
class GradientNeed:
    """How what is made of a token hangs on those before it: answered by `Gradient`. token: its place, from 0."""

    run: Run
    token: int


@dataclass(frozen=True)
class WordsNeed:
    """The word vectors of a model: answered by a `space.lookup.Lookup`."""

    model: str


@dataclass(frozen=True)
class TextNeed:
    """The vector that a model makes of a whole text: answered by an array [width]."""

    model: str
    text: str


@dataclass(frozen=True)
class CardNeed:
    """What a model's card says: answered by `CardFacts`."""

    model: str


@dataclass(frozen=True)
class TrainingNeed:
    """What a bench of the Lab has learnt at its end: answered by the `lab.bench.Snapshot` and what the bench is about,
    as `Trained`."""

    training: Training


Need = RunNeed | GradientNeed | WordsNeed | TextNeed | CardNeed | TrainingNeed


@dataclass(frozen=True)
class Ran:
    """scope: what expressions of the watch language speak of."""

    scope: Scope


@dataclass(frozen=True)
class Gradient:
    """Logarithms to base 10 but for `steps`, as `session.messages.Gradients` has them. states: by the point, the
    Frobenius norms at each token; largest, steps: the largest singular values of the same, and of each single step.
    words: of the tokens' vectors; None where they could not be had."""

    states: dict[str, np.ndarray]
    largest: dict[str, np.ndarray]
    steps: dict[str, np.ndarray]
    words: np.ndarray | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CardFacts:
    """figures: value by name. architecture: what the card says of it."""

    figures: dict[str, float]
    architecture: dict[str, str | int | float]


@dataclass(frozen=True)
class Trained:
    """about, arrays, facts: as the bench has them."""

    about: Any
    arrays: Sequence[np.ndarray]
    facts: Any


class MissingError(Exception):
    """A claim lacks something that is to be fetched first."""

    def __init__(self, need: Need) -> None:
        super().__init__(str(need))
        self.need = need


@dataclass
class Facts:
    """What is known so far. refused: why something cannot be had, as a sentence."""

    known: dict[Need, Any] = field(default_factory=dict)
    refused: dict[Need, str] = field(default_factory=dict)

    def run(self, need: RunNeed) -> Ran:
        return self._of(need, Ran)

    def gradient(self, need: GradientNeed) -> Gradient:
        return self._of(need, Gradient)

    def words(self, need: WordsNeed) -> Lookup:
        from embstudio.space.lookup import Lookup

        return self._of(need, Lookup)

    def text(self, need: TextNeed) -> np.ndarray:
        import numpy as np

        return self._of(need, np.ndarray)

    def card(self, need: CardNeed) -> CardFacts:
        return self._of(need, CardFacts)

    def training(self, need: TrainingNeed) -> Trained:
        return self._of(need, Trained)

    def _of(self, need: Need, kind: type[_F]) -> _F:
        """Raises MissingError while it is not there, LookupError where it cannot be had."""
        if need in self.refused:
            raise LookupError(self.refused[need])
        if need not in self.known:
            raise MissingError(need)
        found = self.known[need]
        assert isinstance(found, kind)
        return found
