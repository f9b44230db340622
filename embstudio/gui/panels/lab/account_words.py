"""One step of word2vec in words and numbers, as rich text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from embstudio.gui.style.colours import Colours
from embstudio.gui.style.numbers import four
from embstudio.lab.word2vec.account import Account, Target

_SHOWN = 3  # numbers of a vector
_CELL = "white-space:nowrap;padding:1px 10px 1px 0"


def account_html(account: Account, words: Sequence[str], *, softmax: bool, mono: str, colours: Colours) -> str:
    """The pair, its negatives, each score and what becomes of it, the gradient, and the moves. mono: CSS of numbers."""
    first = account.targets[0]
    names = [escape(words[word]) for word in account.inputs]
    true = escape(words[first.word])
    if account.context is not None:
        pair = f"From <b>{names[0]}</b>, predict <b>{true}</b>"
        hidden = f"h = v of {names[0]}"
    else:
        pair = f"From the words around it, {', '.join(f'<b>{name}</b>' for name in names)}, predict <b>{true}</b>"
        hidden = f"h = mean of their {len(names)} input vectors"
    if softmax:
        chance = "softmax"
        against = f"against all {len(account.targets) + account.others:,} words of the text"
    else:
        chance = "σ(u·h)"
        drawn = [escape(words[target.word]) for target in account.targets if not target.true]
        against = f"and not {', '.join(drawn)}, drawn at random" if drawn else "(all words drawn were the true one)"
    scores = [[_name(target, words), str(int(target.true)), four(target.score), four(target.chance),
               four(target.error), four(target.loss)] for target in account.targets]  # fmt: skip
    moves = [[f"u of {escape(words[target.word])}", *_move(target.before, target.after)] for target in account.targets]
    moves += [
        [f"v of {name}", *_move(before, after)]
        for name, before, after in zip(names, account.before, account.after, strict=True)
    ]
    others = f"<p>{account.others:,} more words move too, each by its softmax.</p>" if account.others else ""
    share = f" / {len(names)}" if len(names) > 1 else ""
    still = "" if account.gradient.any() else " Output vectors begin at 0, so the first steps move only these."
    length = four(float(np.linalg.norm(account.gradient)))
    return (
        f"<p>{pair}, {against}.</p>"
        + _table(("word", "t", "u·h", chance, "error", "loss"), scores, mono, colours)
        + f"<p>{hidden}; error = {chance} − t; loss of this step: <b>{four(account.loss)}</b></p>{others}"
        f"<p>t = 1 is pulled to h, t = 0 pushed off: u ← u − rate · error · h<br>"
        f"v ← v − rate · dL/dh{share}, dL/dh = Σ error · u, of length {length}.{still} rate = {four(account.rate)}</p>"
        + _table(("vector", "‖move‖", "before", "after"), moves, mono, colours)
    )


def account_said(account: Account, words: Sequence[str]) -> str:
    """The step in one line."""
    names = ", ".join(words[word] for word in account.inputs)
    return f"{names} → {words[account.targets[0].word]}, loss {four(account.loss)}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], mono: str, colours: Colours) -> str:
    """The first column to the left, numbers to the right."""
    sides = ["left", *["right"] * (len(heads) - 1)]
    head = "".join(f"<td align='{side}' style='{_CELL};color:{colours.muted}'>{name}</td>"
                   for side, name in zip(sides, heads, strict=True))  # fmt: skip
    body = "".join(
        "<tr>" + "".join(f"<td align='{side}' style='{_CELL}'>{cell}</td>"
                         for side, cell in zip(sides, row, strict=True)) + "</tr>"
        for row in rows
    )  # fmt: skip
    return f"<table style='{mono}' cellspacing='0'><tr>{head}</tr>{body}</table>"


def _name(target: Target, words: Sequence[str]) -> str:
    name = escape(words[target.word])
    return f"<b>{name}</b>" if target.true else name


def _move(before: np.ndarray, after: np.ndarray) -> list[str]:
    return [four(float(np.linalg.norm(after - before))), _vector(before), _vector(after)]


def _vector(values: np.ndarray) -> str:
    shown = ", ".join(four(float(value)) for value in values[:_SHOWN])
    return f"[{shown}{', …' if len(values) > _SHOWN else ''}]"
