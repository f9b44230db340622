"""How what comes of one token hangs on those before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from embstudio.session.messages.model import ModelRef
from embstudio.session.messages.trace import TraceRequest

if TYPE_CHECKING:  # the window is painted, and the worker started, before numpy is loaded
    import numpy as np


@dataclass(frozen=True)
class GradientRequest:
    """How much what a model makes of one token hangs on each token before it. Answered by `Gradients`.

    input:  whose points do not count. token: T, the place among the trace's tokens that is looked back from.
    output: which score of the output head (a class, or an id of the vocabulary) the saliency is of; None: the highest
            at that token. key: to tell answers apart.
    """

    model: ModelRef
    input: TraceRequest
    token: int
    output: int | None = None
    key: int = 0


@dataclass(frozen=True)
class CellGradients:
    """How a state of one direction of a recurrent layer hangs on its earlier self, exactly and in float64.

    state:   the point, `lstm.0.forward.c`, that is differentiated by itself.
    norms:   [pos], log10 ‖∂state_T / ∂state_t‖ in the Frobenius norm; NaN where t is read after T.
    largest: [pos], log10 of the largest singular value of the same.
    steps:   [pos], the largest singular value of ∂state_t / ∂state_t₋₁; NaN at the token that is read first.
    """

    state: str
    norms: np.ndarray
    largest: np.ndarray
    steps: np.ndarray


@dataclass(frozen=True)
class Gradients:
    """token: T. What could not be had is None or empty, and `notes` say why.

    cells:    of each recurrent layer and direction: h, and for an LSTM the memory c.
    reached:  [pos], log10 ‖∂v_T / ∂x_t‖ in the Frobenius norm, x the tokens' vectors from the embedding table and v
              what `of` names: the state of the last layer, or the residual stream after the last block; −∞ where v
              does not hang on x at all.
    output:   the class or vocabulary entry whose score y the saliency is of; −1 for none. score: y itself.
    saliency: [pos, d_model], ∂y / ∂x_t. times_input: [pos], the same times x_t, summed.
    milliseconds: of the calculation, the run left out.
    """

    model: ModelRef
    key: int
    token: int
    cells: tuple[CellGradients, ...] = ()
    of: str = ""
    reached: np.ndarray | None = None
    output: int = -1
    score: float = 0.0
    saliency: np.ndarray | None = None
    times_input: np.ndarray | None = None
    milliseconds: float = 0.0
    notes: tuple[str, ...] = ()
