"""Where models that judge the same text into the same classes part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.stepper.alignment import Alignment
from embstudio.stepper.saying import CLASSES, Saying


@dataclass(frozen=True)
class Voter:
    """One model. name: as it is called beside the others. alignment: from the open model's tokens to its own."""

    name: str
    saying: Saying
    alignment: Alignment

    def verdict(self, token: int) -> tuple[str, float, bool] | None:
        """Its class at a token of the open model, the class's probability, and whether it turned to it just there."""
        place = self.alignment.of(token).last
        shares = self.saying.shares
        if place is None or shares is None:
            return None
        class_ = self.saying.verdicts[place]
        if class_ is None:
            return None
        turned = any(self.saying.turned(each) for each in self.alignment.of(token).places)
        return self.saying.label(class_), float(shares[place, class_]), turned

    def codes(self, names: Sequence[str]) -> np.ndarray:
        """[pos] of the open model's tokens, the place among `names` of the class it says there; −1 for nothing."""
        shares, places = self.saying.shares, self.alignment.lasts
        if shares is None or not len(shares):
            return np.full(len(places), -1)
        of_class = np.array([names.index(self.saying.label(each).casefold()) for each in range(shares.shape[1])])
        there = ~np.isnan(shares[:, 0])
        codes = np.where(there, of_class[np.where(there[:, None], shares, 0.0).argmax(axis=1)], -1)
        return np.where(places >= 0, codes[places], -1)


def comparable(voters: Sequence[Voter]) -> list[Voter]:
    """Those with the same classes as most others: names tell, in whatever order. Fewer than two: none."""
    classes = [voter for voter in voters if _has_verdict(voter.saying)]
    groups: dict[frozenset[str], list[Voter]] = {}
    for voter in classes:
        groups.setdefault(frozenset(label.casefold() for label in voter.saying.labels), []).append(voter)
    largest = max(groups.values(), key=len, default=[])
    return largest if len(largest) > 1 else []


def _has_verdict(saying: Saying) -> bool:
    """Whether it says one of several classes, and their names are known."""
    return saying.kind == CLASSES and bool(saying.labels) and not saying.apart


def partings(voters: Sequence[Voter]) -> tuple[int, ...]:
    """The tokens of the open model at which they begin to say different things."""
    if not voters:
        return ()
    names = sorted({label.casefold() for voter in voters for label in voter.saying.labels})
    said = np.stack([voter.codes(names) for voter in voters])  # [voter, pos], −1 where one says nothing
    lowest = np.where(said < 0, len(names), said).min(axis=0)
    apart = said.max(axis=0) > lowest
    begun = apart & ~np.concatenate([[False], apart[:-1]])
    return tuple(map(int, np.flatnonzero(begun)))


def telling(voters: Sequence[Voter], token: int, word: str) -> str:
    """What they say at a token of the open model, in a sentence: who turns, who stays. "" where nobody says anything.

    After ‘but’ the LSTM turns to negative, the RNN and the GRU stay positive.
    """
    told = [(voter.name, said) for voter in voters if (said := voter.verdict(token)) is not None]
    if not told:
        return ""
    if len({label.casefold() for _, (label, _, _) in told}) == 1:
        label = told[0][1][0]
        low, high = (pick(share for _, (_, share, _) in told) for pick in (min, max))
        sure = (
            f"{100 * low:.0f} %" if f"{100 * low:.0f}" == f"{100 * high:.0f}" else f"{100 * low:.0f}–{100 * high:.0f} %"
        )
        return f"After ‘{word}’ all say {label} ({sure})."
    groups: dict[tuple[str, str], list[str]] = {}
    for name, (label, _share, turned) in sorted(told, key=lambda each: not each[1][2]):  # who turned, first
        does = "turn to" if turned else "stay" if token else "begin with"
        groups.setdefault((does, label), []).append(name)
    return f"After ‘{word}’ {', '.join(_clause(names, does, label) for (does, label), names in groups.items())}."


def _clause(names: Sequence[str], does: str, label: str) -> str:
    """the LSTM turns to negative; the RNN and the GRU stay positive."""
    verb, _, rest = does.partition(" ")
    who = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return " ".join(filter(None, [who, f"{verb}s" if len(names) == 1 else verb, rest, label]))


def short_names(titles: Sequence[str]) -> tuple[str, ...]:
    """Titles without a beginning up to a colon that another one shares: "Sentiment: LSTM" beside "Sentiment: RNN" is
    "LSTM"; whole where that would name two alike."""
    beginnings = Counter(title.rpartition(": ")[0] for title in titles)
    short = [title.rpartition(": ")[2] if beginnings[title.rpartition(": ")[0]] > 1 else title for title in titles]
    return tuple(own if short.count(own) == 1 else title for own, title in zip(short, titles, strict=True))
