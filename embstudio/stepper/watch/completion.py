"""What can be typed next: names of points, of what can be made of them, functions. And examples that suit a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from embstudio.stepper.watch.names import FUNCTIONS, REDUCERS, VARIABLES

MOST = 60
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*$")
_BEHIND = re.compile(r"[\])]\.([A-Za-z]*)$")  # a reducer behind brackets


@dataclass(frozen=True)
class Completion:
    """What can stand from `start` up to the place of writing. meaning: in a few words; may be empty."""

    start: int
    text: str
    meaning: str = ""


def completions(text: str, at: int, points: Sequence[str]) -> list[Completion]:
    """What can be written at a place, the nearest first; nothing within quotes, or where nothing is begun."""
    before = text[:at]
    if _in_quotes(before):
        return []
    behind = _BEHIND.search(before)
    if behind:
        return _reducers(behind[1], at - len(behind[1]))
    word = _WORD.search(before)
    if word is None:
        return []
    begun, start = word[0], word.start()
    point, dot, rest = begun.rpartition(".")
    if dot and point in points:
        exact = [name for name in points if name.startswith(begun)]
        return [*(Completion(start, name) for name in exact), *_reducers(rest, start + len(point) + 1)]
    named = [Completion(start, name) for name in points if name.startswith(begun) and name != begun]
    inside = [
        Completion(start, name) for name in points if begun.lower() in name.lower() and not name.startswith(begun)
    ]
    functions = [
        Completion(start, f"{name}(", meaning) for name, (_, _, meaning) in FUNCTIONS.items() if name.startswith(begun)
    ]
    variables = [
        Completion(start, name, meaning)
        for name, meaning in VARIABLES.items()
        if name.startswith(begun) and name != begun
    ]
    return [*variables, *functions, *named, *inside][:MOST]


def examples(points: Iterable[str], labels: Sequence[str] = (), *, apart: bool = False) -> list[tuple[str, str]]:
    """Expressions worth trying on a model with these points, each with what it means. labels: of its classes. apart:
    whether each of these is judged by itself."""
    names = list(points)
    found: list[tuple[str, str]] = []
    states = [name for name in names if name.split(".")[0] in ("lstm", "gru", "rnn")]
    for part, meaning in (("c", "how far the memory moves at each token"), ("h", "how far the state moves")):
        first = next((name for name in states if name.endswith(f".{part}")), None)
        if first:
            found.append((f"change({first}).norm", meaning))
            found.append((f"changes_sign({first}[0])", "stop where unit 0 changes sign"))
            break
    forget = next((name for name in states if name.startswith("lstm") and name.endswith(".f")), None)
    if forget:
        found.append((f"{forget}.mean < 0.7", "stop where much is forgotten"))
    patterns = [name for name in names if name.endswith("attn.pattern")]
    if patterns:
        middle = patterns[len(patterns) // 2]
        found.append((f"{middle}[0].entropy", "how spread out head 0 looks, in bits"))
        found.append((f"{middle}[0].argmax", "the token that head 0 looks at most"))
        found.append((f"{patterns[0]}[0].entropy < 1", "stop where head 0 looks at one token"))
    stream = [name for name in names if name.endswith("resid_post")]
    if stream:
        found.append((f"{stream[-1]}.norm", "length of the stream behind the last layer"))
    if labels:
        if apart:
            found.append((f'rises_above(p("{labels[0]}"), 0.5)', "stop where a class becomes likely"))
        else:
            found.append(("flips(class)", "stop where the predicted class is another"))
        found.append((f'p("{labels[-1]}")', "σ of its score" if apart else "probability of a class"))
    elif "logits" in names:
        found.append(("entropy < 2", "stop where the model is fairly sure of the next word"))
    if not found and "embed" in names:
        found.append(("embed.norm", "length of the token's vector"))
    found.append(('token == "but"', "stop at a word"))
    return found


def _reducers(begun: str, start: int) -> list[Completion]:
    return [
        Completion(start, name, meaning)
        for name, meaning in REDUCERS.items()
        if name.startswith(begun) and name != begun
    ]


def _in_quotes(text: str) -> bool:
    quote = ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
    return bool(quote)
