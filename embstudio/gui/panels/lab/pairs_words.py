"""One step of training by pairs in words and numbers, each formula with its values in it, as rich text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from embstudio.gui.style.colours import Colours
from embstudio.gui.style.numbers import MINUS, four
from embstudio.lab.pairs.account import Account, Judged, Member
from embstudio.lab.pairs.pair_list import DIFFERENT, LABELS, SAME
from embstudio.lab.pairs.settings import ADAM, COSINE, TABLE, TRIPLET, Settings

_SHOWN = 4  # numbers of a vector
_CELL = "white-space:nowrap;padding:1px 10px 1px 0"
_WEIGHTS = {"E": "word vectors", "W": "weights W", "R": "recurrent weights R", "b": "biases b"}


def account_html(account: Account, names: Sequence[str], used: Settings, mono: str, colours: Colours) -> str:
    """Vectors, distance, verdict, loss, slopes, push or pull, and what came of it. mono: CSS of numbers."""
    parts = _triplet(account, names, colours) if used.loss == TRIPLET else _pair(account, names, used, colours)
    return "".join((*parts, _moves(account, names, used, mono, colours), _after(account, used, colours)))


def account_said(account: Account, names: Sequence[str], used: Settings) -> str:
    """The step in one line."""
    items = " and ".join(names[member.item] for member in account.members)
    judged = account.judged[-1]
    what = "a triplet" if used.loss == TRIPLET else f"labelled {LABELS[not judged.same]}, {_right(judged.right)}"
    return f"{items}: {what}, distance {four(judged.distance)}, then {four(judged.after)}, loss {four(account.loss)}"


def vector_text(values: np.ndarray) -> str:
    """The first numbers of a vector."""
    shown = ", ".join(four(float(value)) for value in values[:_SHOWN])
    return f"[{shown}{', …' if len(values) > _SHOWN else ''}]"


def _pair(account: Account, names: Sequence[str], used: Settings, colours: Colours) -> tuple[str, ...]:
    a, b = account.members
    judged, m = account.judged[0], f"{account.margin:g}"
    D, cosine = judged.distance, used.loss == COSINE
    first, second = escape(names[a.item]), escape(names[b.item])
    head = (
        f"<p>Pair {judged.pair + 1:,}: a = <b>{first}</b> and b = <b>{second}</b>, labelled "
        f"<b>{LABELS[not judged.same]}</b>.</p>"
    )
    lines = [f"a = {vector_text(a.before)}", f"b = {vector_text(b.before)}"]
    if cosine:
        dot, la, lb = float(a.before @ b.before), *(float(np.linalg.norm(each.before)) for each in (a, b))
        cos = f"cos = a·b / (‖a‖‖b‖) = {four(dot)} / ({four(la)} · {four(lb)}) = {four(1 - D)}"
        lines += [cos, f"D = 1 {MINUS} cos = <b>{four(D)}</b>"]
    else:
        lines += [_difference(a.before, b.before), _root(a.before - b.before, D)]
    lines.append(_verdict(judged, account.threshold, colours))
    if judged.same:
        lines.append(
            f"L = D = <b>{four(account.loss)}</b>"
            if cosine
            else f"L = ½ D² = ½ · {four(D)}² = <b>{four(account.loss)}</b>"
        )
        lines.append(
            "dL/da = dD/da" if cosine else f"dL/da = a {MINUS} b = {vector_text(a.slope)}, dL/db = {MINUS}dL/da"
        )
    else:
        short = f"max(0, m {MINUS} D)"
        values = f"max(0, {m} {MINUS} {four(D)})"
        if cosine:
            lines.append(f"L = {short} = {values} = <b>{four(account.loss)}</b>")
            lines.append(f"dL/da = {MINUS}dD/da" if account.moves else "dL/da = 0: beyond the margin")
        else:
            lines.append(f"L = ½ {short}² = ½ {values}² = <b>{four(account.loss)}</b>")
            lines.append(_push_slope(account))
    if cosine and account.moves:
        lines += [
            f"dD/da = {MINUS}(b / (‖a‖‖b‖) {MINUS} cos · a / ‖a‖²), and for b likewise",
            f"dL/da = {vector_text(a.slope)}",
            f"dL/db = {vector_text(b.slope)}",
        ]
    return head, _lines(lines)


def _push_slope(account: Account) -> str:
    D, short = account.judged[0].distance, account.short
    if not short:
        return "dL/da = 0: they are beyond the margin, nothing moves"
    if not D:
        return "dL/da = 0: both are in one place, there is no direction to push in"
    return (
        f"dL/da = {MINUS}(m {MINUS} D)(a {MINUS} b)/D = {MINUS}{four(short / D)} · (a {MINUS} b) = "
        f"{vector_text(account.members[0].slope)}, dL/db = {MINUS}dL/da"
    )


def _triplet(account: Account, names: Sequence[str], colours: Colours) -> tuple[str, ...]:
    a, p, n = account.members
    near, far = account.judged
    head = (
        f"<p>Of pairs {near.pair + 1:,} and {far.pair + 1:,}: <b>a = {escape(names[a.item])}</b> shall be nearer to "
        f"<b>p = {escape(names[p.item])}</b> ({SAME}) than to <b>n = {escape(names[n.item])}</b> ({DIFFERENT}).</p>"
    )
    P, N = near.distance**2, far.distance**2
    lines = [f"{name} = {vector_text(each.before)}" for name, each in (("a", a), ("p", p), ("n", n))]
    lines += [
        f"‖a {MINUS} p‖² = {four(near.distance)}² = {four(P)}", f"‖a {MINUS} n‖² = {four(far.distance)}² = {four(N)}",
        f"L = max(0, ‖a {MINUS} p‖² {MINUS} ‖a {MINUS} n‖² + α) = max(0, {four(P)} {MINUS} {four(N)} + "
        f"{account.margin:g}) = <b>{four(account.loss)}</b>",
    ]  # fmt: skip
    if account.loss > 0:
        lines += [
            f"dL/da = 2(n {MINUS} p) = {vector_text(a.slope)}", f"dL/dp = 2(p {MINUS} a) = {vector_text(p.slope)}",
            f"dL/dn = 2(a {MINUS} n) = {vector_text(n.slope)}",
        ]  # fmt: skip
    else:
        lines.append("all slopes are 0: the order is right by more than the margin, nothing moves")
    lines += [
        f"a, p: {_verdict(near, account.threshold, colours)}",
        f"a, n: {_verdict(far, account.threshold, colours)}",
    ]
    return head, _lines(lines)


def _moves(account: Account, names: Sequence[str], used: Settings, mono: str, colours: Colours) -> str:
    """Which way they go, and by how much each."""
    if not account.moves and used.optimiser != ADAM:
        return "<p><b>Nothing moves.</b></p>"
    table = used.encoder == TABLE
    if used.loss == TRIPLET:
        way = "a and p are pulled together, a and n pushed apart"
    elif not account.moves:
        way = "There is nothing to learn from this pair"
    else:
        way = "Pull: they move together" if account.judged[0].same else "Push: they move apart"
    if used.optimiser == ADAM:
        rule = (
            f"Adam: each number moves by about the rate, {account.rate:g}, however large its slope is; what it "
            "remembers of earlier slopes moves it too."
        )
    elif table:
        rule = f"v ← v {MINUS} rate · dL/dv, rate = {account.rate:g}"
    else:
        rule = (
            f"The encoder makes the vectors, so the slopes go back through it to its weights, which both items share: "
            f"w ← w {MINUS} {account.rate:g} · dL/dw. Then it makes these vectors:"
        )
    lines = [
        f"<b>{escape(_short(names[member.item]))}</b> {vector_text(member.before)} → {vector_text(member.after)}, "
        f"moved {four(member.moved)}"
        for member in _once(account.members)
    ]
    found = f"<p><b>{way}.</b> {rule}</p>{_lines(lines)}"
    if not table:
        weights = [[_WEIGHTS[each.name], four(each.slope), four(each.moved)] for each in account.weights]
        found += _table(("of the encoder", "‖dL/dw‖", "‖move‖"), weights, mono, colours)
    return found


def _after(account: Account, used: Settings, colours: Colours) -> str:
    """What came of it."""
    told = []
    for judged, name in zip(account.judged, ("a, p: ", "a, n: ") if used.loss == TRIPLET else ("",), strict=True):
        change = f"{four(judged.distance)} → <b>{four(judged.after)}</b>"
        told.append(
            f"{name}distance {change}, {_coloured(judged.then_right, colours)} at threshold {account.threshold:g}"
        )
    return f"<p>After it: {'; '.join(told)}. Loss {four(account.loss)} → <b>{four(account.loss_after)}</b>.</p>"


def _verdict(judged: Judged, threshold: float, colours: Colours) -> str:
    guess = judged.same == judged.right
    sign = "≤" if guess else "&gt;"
    return (
        f"D = {four(judged.distance)} {sign} threshold {threshold:g}: guess {LABELS[not guess]}, label "
        f"{LABELS[not judged.same]}: {_coloured(judged.right, colours)}"
    )


def _right(right: bool) -> str:
    return "✓ right" if right else "✗ wrong"


def _coloured(right: bool, colours: Colours) -> str:
    return f"<b>{_right(right)}</b>" if right else f"<b style='color:{colours.error}'>{_right(right)}</b>"


def _difference(a: np.ndarray, b: np.ndarray) -> str:
    return f"a {MINUS} b = {vector_text(a - b)}"


def _root(difference: np.ndarray, distance: float) -> str:
    """The length written out, as far as the numbers are shown."""
    squares = " + ".join(f"{four(abs(float(value)))}²" for value in difference[:_SHOWN])
    more = " + …" if len(difference) > _SHOWN else ""
    return f"D = ‖a {MINUS} b‖ = √({squares}{more}) = √{four(distance**2)} = <b>{four(distance)}</b>"


def _once(members: Sequence[Member]) -> list[Member]:
    return list({member.item: member for member in members}.values())


def _short(name: str) -> str:
    return name if len(name) <= 32 else f"{name[:31]}…"


def _lines(lines: Sequence[str]) -> str:
    return f"<p style='line-height:125%'>{'<br>'.join(lines)}</p>"


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
