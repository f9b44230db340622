"""Which models can be put side by side: the siblings of the open one in one go, or any, from a menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embstudio.base.errors import StudioError
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource


@dataclass(frozen=True)
class Offer:
    """Models that belong side by side. about: what they have in common."""

    about: str
    sources: tuple[ModelSource, ...]

    @property
    def names(self) -> str:
        """What tells them apart: RNN, LSTM and transformer."""
        names = [_family(source) for source in self.sources]
        return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def offers(opened: ModelSource | None, there: Sequence[ModelSource]) -> list[Offer]:
    """Bundled models of the same kind as each other, the open one's kind first; those that are there are left out.

    By their cards: models of one kind were made on the same text to be compared.
    """
    kinds: dict[str, list[ModelSource]] = {}
    for source in catalogue.bundled():
        kind = _kind(source)
        if kind:
            kinds.setdefault(kind, []).append(source)
    own = _kind(opened) if opened is not None else ""
    found = []
    for kind in sorted(kinds, key=lambda kind: kind != own):
        left = tuple(source for source in kinds[kind] if source not in there and source != opened)
        if left and len(kinds[kind]) > 1:
            found.append(Offer(kind, left))
    return found


def _kind(source: ModelSource) -> str:
    try:
        return source.card.kind if source.card is not None else ""
    except StudioError:  # a damaged card: the model itself can still be chosen in the menu
        return ""


def _family(source: ModelSource) -> str:
    card = source.card
    family = str(card.architecture.get("family", "")) if card is not None else ""
    return family.partition(",")[0] or source.title  # "RNN, tanh" is the RNN beside others
