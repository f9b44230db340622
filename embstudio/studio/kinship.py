"""Whether the vectors one looks at are of the open model, so that a typed text has a place among them.

A file of vectors does not say what made it. But if the open model did, it makes the same ones again: the vectors of
some of the set's own texts are made anew and compared. No numpy before that: the window imports this file before its
first paint.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from embstudio.base.events import Signal

if TYPE_CHECKING:
    import numpy as np

    from embstudio.session.messages import ModelRef, Pooling
    from embstudio.space.vector_set import VectorSet
    from embstudio.studio.studio import Studio

ASKER = "kinship"
TRIED = 3  # texts that are made anew
_CANDIDATES = 9  # rows that are looked at for them; some have no text that the model knows
SAME = 2e-3  # of a vector's largest number: what half precision, or few decimals, leave of it


class Kin(Enum):
    """SAME: made by the open model. OTHER: of its width, and otherwise made. WIDTH: of another width. NO_SET, NO_MODEL:
    there is nothing to look at, or the open model makes no vectors of texts. WAITING: it is being found out."""

    NO_SET = auto()
    NO_MODEL = auto()
    WAITING = auto()
    WIDTH = auto()
    OTHER = auto()
    SAME = auto()


@dataclass(frozen=True, eq=False)
class Verdict:
    """widths: of the set and of the model's vectors. tried: how many texts were made anew. unit: whether the set holds
    the model's vectors brought to length 1."""

    kin: Kin
    widths: tuple[int, int] = (0, 0)
    tried: int = 0
    unit: bool = False

    def fitted(self, vector: np.ndarray) -> np.ndarray:
        """A text's vector as it would stand in the set, float64."""
        import numpy as np

        x = vector.astype(np.float64)
        length = float(np.linalg.norm(x))
        return np.asarray(x / length) if self.unit and length else x


@dataclass
class _Looked:
    """At a set, with a model: the rows whose texts are made anew."""

    set: VectorSet
    model: ModelRef
    pooling: Pooling | None
    rows: tuple[int, ...]
    verdict: Verdict | None = field(default=None)


class Kinship:
    """`verdict` of the set one looks at; `changed` tells that it came. `want` begins to find out."""

    def __init__(self, studio: Studio) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio = studio
        self._looked: _Looked | None = None
        studio.embedding.changed.connect(self._on_embedding)
        studio.vector_sets.changed.connect(self._let_go)

    @property
    def verdict(self) -> Verdict:
        """What is known now."""
        active = self._studio.vector_sets.active
        if not self._studio.embedding.available:
            return Verdict(Kin.NO_MODEL)
        if active is None or not len(active):
            return Verdict(Kin.NO_SET)
        looked = self._looked
        if looked is None or not self._is_current(looked):
            return Verdict(Kin.WAITING)
        return looked.verdict or Verdict(Kin.WAITING)

    def want(self) -> None:
        """Find out, unless it is known or being found out."""
        sets, document = self._studio.vector_sets, self._studio.document
        sets.want()
        active = sets.active
        if document is None or active is None or not len(active) or not self._studio.embedding.available:
            return
        if self._looked is None or not self._is_current(self._looked):
            model, pooling = document.opened.model, self._studio.pooling
            self._looked = _Looked(active, model, pooling, _candidates(active))
        if self._looked.verdict is None:
            self._studio.embedding.want(*self._texts(self._looked), asker=ASKER)
            self._on_embedding()  # they may have been there

    def _is_current(self, looked: _Looked) -> bool:
        document = self._studio.document
        return (
            document is not None
            and looked.set is self._studio.vector_sets.active
            and looked.model == document.opened.model
            and looked.pooling == self._studio.pooling
        )

    def _let_go(self) -> None:
        """Keep no set that is not looked at any more: it can be large."""
        if self._looked is not None and not self._is_current(self._looked):
            self._looked = None

    def _texts(self, looked: _Looked) -> list[str]:
        return [looked.set.words[row].strip() for row in looked.rows]

    def _on_embedding(self) -> None:
        looked = self._looked
        if looked is not None and self._studio.document is not None and looked.verdict is None:
            if self._is_current(looked):
                self._judge(looked)
            else:
                self._looked = None

    def _judge(self, looked: _Looked) -> None:
        """Compare what is there; a verdict stands when enough texts are there, or nothing more can come."""
        import numpy as np

        embedding, width = self._studio.embedding, looked.set.width
        pairs, lacking = [], 0
        for row, text in zip(looked.rows, self._texts(looked), strict=True):
            made = embedding.made(text)
            if made is not None:
                pairs.append((looked.set.vectors[row].astype(np.float64), made.vector.astype(np.float64)))
            elif embedding.refusal(text) is None:
                lacking += 1
        if pairs and len(pairs[0][1]) != width:
            self._tell(looked, Verdict(Kin.WIDTH, (width, len(pairs[0][1])), len(pairs)))
        elif len(pairs) >= TRIED or not lacking:
            same = bool(pairs) and all(_same(there, made) for there, made in pairs)
            unit = not same and bool(pairs) and all(_same(there, _unit(made)) for there, made in pairs)
            kin = Kin.SAME if same or unit else Kin.OTHER
            self._tell(looked, Verdict(kin, (width, width), len(pairs), unit))

    def _tell(self, looked: _Looked, verdict: Verdict) -> None:
        looked.verdict = verdict
        self._studio.embedding.want(asker=ASKER)
        self.changed.emit()


def _candidates(vectors: VectorSet) -> tuple[int, ...]:
    """Rows with finite vectors and names that are not blank, spread over the set."""
    import numpy as np

    count = min(_CANDIDATES, len(vectors))
    # From the middle outwards: tables of tokens begin with special ones and end in rare ones.
    spread = np.linspace(0, len(vectors) - 1, count).astype(int).tolist()
    places = sorted(spread, key=lambda at: abs(2 * at - len(vectors)))
    return tuple(
        row for row in dict.fromkeys(places)
        if vectors.words[row].strip() and np.isfinite(vectors.vectors[row].astype(np.float64)).all()
    )  # fmt: skip


def _same(there: np.ndarray, made: np.ndarray) -> bool:
    import numpy as np

    return bool(np.abs(there - made).max() <= SAME * max(np.abs(made).max(), np.finfo(float).tiny))


def _unit(x: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(x / max(np.linalg.norm(x), np.finfo(float).tiny))
