"""What a lane says and holds at a token, in words."""

from __future__ import annotations

import numpy as np

from embstudio.gui.panels.lanes.lane import Lane
from embstudio.gui.plots.class_words import class_names, in_words
from embstudio.gui.plots.token_label import token_label, visible_text
from embstudio.gui.style.numbers import four, percent
from embstudio.stepper.alignment import Cover, Standing
from embstudio.stepper.saying import CLASSES, GAPS, LEFT_OUT, NOTHING, Saying

LISTED = 3
MOST = 8  # classes in a tooltip


def verdict(lane: Lane, saying: Saying, place: int) -> str:
    """What it says after a token: ▲ positive 93.1 %."""
    if saying.kind == CLASSES:
        if saying.apart:
            return each_class(saying, place, LISTED) or why_not_yet(lane)
        shares, class_ = saying.shares, saying.verdicts[place]
        if shares is None or class_ is None:
            return why_not_yet(lane)
        arrow = ("▼ ", "▲ ")[class_] if shares.shape[1] == 2 else ""
        return f"{arrow}{saying.label(class_)} {percent(float(shares[place, class_]))}"
    if saying.kind == LEFT_OUT:
        return "its scores of all words are more than a trace may hold"
    if saying.kind == NOTHING:
        table = lane.document is not None and lane.document.opened.anatomy.kind == "embedding table"
        return "looks words up, and says nothing" if table else "says nothing"
    best = saying.best(place, LISTED)
    if not best or lane.document is None:
        return why_not_yet(lane)
    named = ", ".join(f"‘{_word(lane, word.id)}’ {percent(word.probability)}" for word in best)
    return ("here: " if saying.kind == GAPS else "next: ") + named


def each_class(saying: Saying, place: int, most: int) -> str:
    """What it says of its classes, each judged by itself; "" where nothing is there yet."""
    if saying.readout is None or saying.shares is None or saying.raw is None or np.isnan(saying.shares[place]).any():
        return ""
    names = class_names(saying.labels, saying.shares.shape[1], saying.readout)
    return in_words(saying.readout, names, saying.shares[place], saying.raw[place], most)


def why_not_yet(lane: Lane) -> str:
    """Why nothing is said after a token, of a model that judges the whole text."""
    if lane.prefixes.problem is not None:
        return "says something at the end only"
    if lane.prefixes.finished:
        return "says something at the end only"
    return f"… {lane.prefixes.done} of {lane.prefixes.total} beginnings run"


def about_saying(lane: Lane, saying: Saying, place: int) -> str:
    """What there is to know of a verdict, for its tooltip."""
    lines = []
    if saying.kind == LEFT_OUT:
        lines.append("Shorten the text to see what this model says after each token.")
    if saying.kind == NOTHING:
        lines.append("This model ends in vectors: it judges and predicts nothing.")
    if saying.whole and saying.kind != NOTHING:
        lines.append(
            "This model says one thing of the whole text. After each token before the last: the model run by itself on "
            "the part of the text up to there."
        )
        lines.append(lane.prefixes.note)
        if lane.prefixes.problem is not None:
            lines.append(str(lane.prefixes.problem))
    if saying.sees_all and saying.kind == CLASSES:
        lines.append("It reads both ways: what it says at a token rests on the tokens after it too.")
    if saying.kind == CLASSES and saying.shares is not None and saying.verdicts[place] is not None:
        row = saying.shares[place]
        lines.append(", ".join(f"{saying.label(each)} {percent(float(row[each]))}" for each in range(len(row))[:8]))
    if saying.apart:
        lines.append(each_class(saying, place, MOST))
        lines.append("Each class is judged by itself: σ(score).")
    following = saying.following(place)
    if following is not None:
        lines.append(f"‘{_word(lane, following.id)}’ {_really(saying)}: {share(following.probability)}")
    return "\n".join(filter(None, lines))


def follows(lane: Lane, saying: Saying, place: int) -> str:
    """The word that really follows, with the probability that it was given; "" where there is none."""
    following = saying.following(place)
    if following is None:
        return ""
    return f"‘{_word(lane, following.id)}’ {_really(saying)}: {share(following.probability)}"


def holds(lane: Lane, place: int) -> str:
    """The state's change, or where it looks."""
    if lane.states is not None:
        change, size = float(lane.states.changes[place]), float(lane.states.sizes[place])
        return f"‖Δh‖ {four(change)}   ‖h‖ {four(size)}"
    if lane.looks is not None and lane.trace is not None:
        tokens = lane.trace.tokens
        most = ", ".join(
            f"‘{token_label(tokens[other])}’ {percent(weight)}" for other, weight in lane.looks.most(place, LISTED)
        )
        return f"looks at {most}"
    return ""


def about_holding(lane: Lane, place: int) -> str:
    """What the state or the attention shown is."""
    found = lane.states
    if found is not None and lane.document is not None:
        before = "the state it begins with, nothing" if found.changes[place] == found.sizes[place] else "the one before"
        return (
            f"h of the last recurrent layer, all {found.values.shape[1]} units at this token; colours from "
            f"{four(-found.limit)} to {four(found.limit)}.\n"
            f"It changed by ‖Δh‖ = {four(float(found.changes[place]))} from {before} (the bar: of the largest change "
            f"in this text); its size is ‖h‖ = {four(float(found.sizes[place]))}."
        )
    if lane.looks is not None:
        heads = lane.looks.heads
        return (
            f"Attention from this token in layer {lane.looks.layer + 1}, the mean of its {heads} "
            f"head{'s' * (heads > 1)}; the bars under the tokens are the same. Attention is where it looks, not why."
        )
    return ""


def standing(lane: Lane, cover: Cover) -> str:
    """Where a lane stands that has no token of its own there; "" where it has."""
    if cover.standing is Standing.OUTSIDE and lane.trace is not None and lane.trace.window is not None:
        window = lane.trace.window
        return f"this is not in the {window.size:,} of {window.total:,} tokens that it reads"
    if cover.standing is Standing.NOTHING:
        return "nothing read yet"
    return ""


def share(probability: float) -> str:
    """A probability as a percentage; <0.1 % for what is not nothing."""
    return "<0.1 %" if 0 < probability < 0.0005 else percent(probability)


def _really(saying: Saying) -> str:
    return "stands here" if saying.kind == GAPS else "follows"


def _word(lane: Lane, id_: int) -> str:
    assert lane.document is not None
    return visible_text(lane.document.word(id_))
