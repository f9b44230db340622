"""Einsum. Source: the ONNX operator, which is numpy's without repeated indices on the right."""

from __future__ import annotations

import numpy as np

from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Gradients, Pull, Rule, others, single
from embstudio.session.differentiate.scaling import summed_to
from embstudio.session.differentiate.step import Step

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _equation(step: Step) -> tuple[list[str], str]:
    """The indices of each operand and of the result, with an ellipsis written out."""
    left, arrow, right = step.text("equation", "").replace(" ", "").partition("->")
    terms = left.split(",")
    free = [letter for letter in _LETTERS if letter not in left + right]
    hidden = [step.rank(place) - len(term.replace("...", "")) for place, term in enumerate(terms)]
    most = max((count for term, count in zip(terms, hidden, strict=True) if "..." in term), default=0)
    batch = "".join(free[:most])
    if not arrow:
        letters = left.replace(",", "").replace("...", "")
        right = "..." * ("..." in left) + "".join(sorted(each for each in set(letters) if letters.count(each) == 1))
    written = [term.replace("...", batch[most - count :]) for term, count in zip(terms, hidden, strict=True)]
    return written, right.replace("...", batch)


def _einsum(step: Step) -> Pull:
    terms, result = _equation(step)
    if any(len(set(term)) != len(term) for term in terms):
        refuse(step.node, "an index is repeated within one operand")
    seed = next(letter for letter in _LETTERS[::-1] if letter not in "".join(terms) + result)
    values = {place: step.x(place) for place in range(len(terms)) if step.wanted - {place}}

    def pull(dy: np.ndarray) -> Gradients:
        return {place: _one(dy, place) for place in step.wanted}

    def _one(dy: np.ndarray, place: int) -> np.ndarray:
        rest = [at for at in range(len(terms)) if at != place]
        known = set(result).union(*(terms[at] for at in rest))
        found = "".join(letter for letter in terms[place] if letter in known)
        left = ",".join([seed + result, *(terms[at] for at in rest)])
        gradient = np.einsum(f"{left}->{seed}{found}", dy, *(values[at] for at in rest), optimize=True)
        shape = step.shape(place)
        # An index that is only here was summed over: every entry along it counts the same.
        lone = [1 if letter not in known else size for letter, size in zip(terms[place], _sizes(gradient, found, place),
                                                                           strict=True)]  # fmt: skip
        gradient = gradient.reshape(len(dy), *lone)
        wide = tuple(full if letter not in known else size
                     for letter, full, size in zip(terms[place], shape, lone, strict=True))  # fmt: skip
        return summed_to(np.broadcast_to(gradient, (len(dy), *wide)), shape)

    def _sizes(gradient: np.ndarray, found: str, place: int) -> list[int]:
        by_letter = dict(zip(found, gradient.shape[1:], strict=True))
        return [by_letter.get(letter, 1) for letter in terms[place]]

    return pull


RULES: dict[str, Rule] = {"Einsum": single(_einsum, others)}
