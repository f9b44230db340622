"""One step of word2vec in words and numbers, as rich text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from embstudio.gui.style.colours import Colours
from embstudio.gui.style.numbers import four
from embstudio.lab.word2vec.account import Account, Target

_SHOWN = 4  # numbers of a vector
_HEAD = "<th align='{}' style='padding:1px 10px 1px 0;color:{}'>{}</th>"


def account_html(account: Account, words: Sequence[str], *, softmax: bool, mono: str, colours: Colours) -> str:
    """The pair, its negatives, each score and what becomes of it, the gradient, and the moves. mono: a font family."""
    first = account.targets[0]
    names = [escape(words[word]) for word in account.inputs]
    true = escape(words[first.word])
    if len(names) == 1 and account.context is not None:
        pair = f"From <b>{names[0]}</b>, predict <b>{true}</b>"
        what = f"h is the input vector of {names[0]}"
    else:
        pair = f"From the words around it, {', '.join(f'<b>{name}</b>' for name in names)}, predict <b>{true}</b>"
        what = f"h is the mean of their {len(names)} input vectors"
    drawn = [escape(words[target.word]) for target in account.targets if not target.true]
    if softmax:
        against = f"against all {len(account.targets) + account.others:,} words of the text."
        chance = "softmax(U h)"
    else:
        against = f"and not the words drawn at random: {', '.join(drawn) or 'none (all drawn were the true word)'}."
        chance = "σ(u·h)"
    rows = "".join(_row(target, words, colours) for target in account.targets)
    heads = ("word", "t", "u·h", chance, f"{chance} − t", "loss", "‖move of u‖", "u before → after")
    head = "".join(_HEAD.format("left" if place in (0, 7) else "right", colours.muted, name)
                   for place, name in enumerate(heads))  # fmt: skip
    more = f"<p>{account.others:,} more words move as well, by (softmax − 0) h.</p>" if account.others else ""
    moved = float(np.linalg.norm(account.after - account.before, axis=1).sum())
    still = ("<p>It is 0: output vectors begin at 0, so the first step moves only these.</p>"
             if not account.gradient.any() else "")  # fmt: skip
    share = f" / {len(names)}" if len(names) > 1 else ""
    inputs = "".join(
        f"<tr><td style='padding-right:10px'>v of {name}</td><td>{_vector(before)} → {_vector(after)}</td></tr>"
        for name, before, after in zip(names, account.before, account.after, strict=True)
    )
    return (
        f"<p>{pair}, {against}</p>"
        f"<p>{what}: h = <span style='font-family:{mono}'>{_vector(account.hidden)}</span></p>"
        f"<table style='font-family:{mono}' cellspacing='0'><tr>{head}</tr>{rows}</table>{more}"
        f"<p>Loss of this step: <b>{four(account.loss)}</b></p>"
        f"<p>Output vectors: u ← u − rate · ({chance} − t) · h, rate = {four(account.rate)}</p>"
        f"<p>Gradient: dL/dh = Σ ({chance} − t) · u = "
        f"<span style='font-family:{mono}'>{_vector(account.gradient)}</span>, "
        f"length {four(float(np.linalg.norm(account.gradient)))}</p>{still}"
        f"<p>Input vectors: v ← v − rate · dL/dh{share}, moved by {four(moved)}</p>"
        f"<table style='font-family:{mono}' cellspacing='0'>{inputs}</table>"
    )


def account_said(account: Account, words: Sequence[str]) -> str:
    """The step in one line."""
    names = ", ".join(words[word] for word in account.inputs)
    return f"{names} → {words[account.targets[0].word]}, loss {four(account.loss)}"


def _row(target: Target, words: Sequence[str], colours: Colours) -> str:
    way = "pulled to h" if target.true else "pushed off"
    name = escape(words[target.word])
    shown = f"<b>{name}</b> <span style='color:{colours.muted}'>{way}</span>"
    moved = float(np.linalg.norm(target.after - target.before))
    numbers = (target.score, target.chance, target.error, target.loss, moved)
    cells = "".join(f"<td align='right' style='padding:1px 10px 1px 0'>{four(number)}</td>" for number in numbers)
    return (
        f"<tr><td style='padding:1px 10px 1px 0'>{shown}</td>"
        f"<td align='right' style='padding:1px 10px 1px 0'>{int(target.true)}</td>{cells}"
        f"<td>{_vector(target.before)} → {_vector(target.after)}</td></tr>"
    )


def _vector(values: np.ndarray) -> str:
    shown = ", ".join(four(float(value)) for value in values[:_SHOWN])
    return f"[{shown}{', …' if len(values) > _SHOWN else ''}]"
