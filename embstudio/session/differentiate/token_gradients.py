"""What a model makes of one token, and how it hangs on the vectors of all tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError
from embstudio.session.differentiate.differentiator import Differentiator
from embstudio.session.differentiate.linearised import Linearised, Progress
from embstudio.session.differentiate.token_vectors import TokenVectors
from embstudio.session.stop import Stop

# Factors of the seeds. A gradient that leaves the range of float64 is taken again, larger or smaller.
_LARGER, _SMALLER = 2.0**900, 2.0**-900
_FAINT = 1e-200


@dataclass(frozen=True)
class Saliency:
    """How one score hangs on each token's vector.

    output: which score. score: its value. gradient: [pos, d_model], ∂ score / ∂ x_t. times_input: [pos], that times
    x_t, summed: to first order, what the score would lose without the token's vector.
    """

    output: int
    score: float
    gradient: np.ndarray
    times_input: np.ndarray


class TokenGradients:
    """Gradients by the tokens' vectors. embeds: where those stand; several where a model has several stacks."""

    def __init__(self, differentiator: Differentiator, embeds: Sequence[TokenVectors]) -> None:
        self._differentiator = differentiator
        self._embeds = tuple(embeds)

    def saliency(
        self,
        feeds: Mapping[str, np.ndarray],
        scores: TokenVectors,
        place: int,
        output: int | None = None,
        stop: Stop | None = None,
    ) -> dict[str, Saliency]:
        """By the name of each of `embeds`. place: among the tokens that have scores, any where there is one set of
        scores for the whole text. output: which score; None takes the highest.

        Raises InputError for a place or an output there is not, UnsupportedModelError where an operator has no
        gradient, other StudioErrors if the model does not run, or Cancelled.
        """
        stop = stop or Stop()
        at = self._at(feeds, scores, stop)
        numbers = _row(scores, at, place)
        values = np.asarray(at.value(scores.tensor), np.float64).ravel()[numbers] * scores.factor
        if output is None:
            output = int(np.argmax(values))
        if not 0 <= output < len(numbers):
            raise InputError(
                f"There is no output {output}: the model has {len(numbers)}, numbered from 0.", where=scores.name
            )
        found = at.of_entries(scores.tensor, numbers[output : output + 1], stop, scale=scores.factor)
        answers = {}
        for embed in self._embeds:
            gradient = embed.picked(found[embed.tensor])[0]
            vectors = np.asarray(at.value(embed.tensor), np.float64)
            x = vectors.ravel()[embed.numbers(vectors.shape)] * embed.factor
            answers[embed.name] = Saliency(output, float(values[output]), gradient, (gradient * x).sum(axis=1))
        return answers

    def reached(
        self,
        feeds: Mapping[str, np.ndarray],
        of: TokenVectors,
        place: int,
        stop: Stop | None = None,
        progress: Progress | None = None,
    ) -> dict[str, np.ndarray]:
        """log10 ‖∂ v_T / ∂ x_t‖ in the Frobenius norm, [pos] by the name of each of `embeds`; −∞ where v_T does not
        hang on x_t at all. place: T, among the vectors of `of`.

        Raises as `saliency` does.
        """
        stop = stop or Stop()
        at = self._at(feeds, of, stop)
        numbers = _row(of, at, place)

        def norms(scale: float) -> dict[str, np.ndarray]:
            found = at.of_entries(of.tensor, numbers, stop, scale=scale * of.factor, progress=progress)
            return {each.name: _log_norms(each.picked(found[each.tensor])) - np.log10(scale) for each in self._embeds}

        answers = norms(1.0)
        together = np.concatenate(list(answers.values()))
        if np.isnan(together).any() or np.isposinf(together).any():
            answers = _filled(answers, norms(_SMALLER), lambda known: ~np.isfinite(known))
        if (np.isfinite(together) & (together < np.log10(_FAINT))).any():
            answers = _filled(answers, norms(_LARGER), lambda known: known < np.log10(_FAINT))
        return answers

    def _at(self, feeds: Mapping[str, np.ndarray], target: TokenVectors, stop: Stop) -> Linearised:
        embeds = list(dict.fromkeys(embed.tensor for embed in self._embeds))
        return self._differentiator.linearise(feeds, [target.tensor], embeds, stop)


def _row(vectors: TokenVectors, at: Linearised, place: int) -> np.ndarray:
    """The entries of one token's vector."""
    numbers = vectors.numbers(at.shape(vectors.tensor))
    if len(numbers) == 1:
        return np.asarray(numbers[0])
    if not 0 <= place < len(numbers):
        raise InputError(f"There is no token {place}: there are {len(numbers)}, numbered from 0.", where=vectors.name)
    return np.asarray(numbers[place])


def _log_norms(gradients: np.ndarray) -> np.ndarray:
    """log10 of the Frobenius norm of [row, pos, width] at each pos, where squares may leave the range of float64."""
    largest = np.abs(gradients).max(axis=(0, 2), initial=0.0)
    moderate = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.sqrt(((gradients / moderate[:, None]) ** 2).sum(axis=(0, 2)))
        return np.asarray(np.log10(moderate) + np.log10(rest))


def _filled(
    known: Mapping[str, np.ndarray], again: Mapping[str, np.ndarray], lacking: Callable[[np.ndarray], np.ndarray]
) -> dict[str, np.ndarray]:
    """What was known, where it was no good what came of another scale."""
    return {name: np.where(lacking(values), again[name], values) for name, values in known.items()}
