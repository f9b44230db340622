"""One RNN, GRU or LSTM operator taken apart: what it reads and makes, by name, and how it computes.

Source: the operators RNN, GRU and LSTM of the ONNX specification, and DynamicQuantizeLSTM of onnxruntime
(docs/ContribOperators.md), whose weights are whole numbers and stand the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embstudio.formulas.activations import Activation
from embstudio.modelfile.graph import Node

KINDS = {
    ("", "RNN"): "rnn", ("", "GRU"): "gru", ("", "LSTM"): "lstm", ("com.microsoft", "DynamicQuantizeLSTM"): "lstm",
}  # fmt: skip
"""Domain and type of an operator → kind of its cell."""

_DIRECTIONS = {"forward": ("forward",), "reverse": ("reverse",), "bidirectional": ("forward", "reverse")}
# Defaults of the operator specifications, for one direction.
_ACTIVATIONS = {"rnn": ("Tanh",), "gru": ("Sigmoid", "Tanh"), "lstm": ("Sigmoid", "Tanh", "Tanh")}
# Which activations take a number from activation_alpha, and which of them one from activation_beta too.
_WITH_ALPHA = frozenset({"Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu"})
_WITH_BETA = frozenset({"Affine", "ScaledTanh", "HardSigmoid"})
# Where they give out onnxruntime takes the defaults of the operators of the same names, but 0 for these.
_ZERO_WITHOUT = frozenset({"Affine", "ThresholdedRelu", "ScaledTanh"})


@dataclass(frozen=True)
class RecurrentNode:
    """Tensors by name, "" where they are left out.

    X [pos, batch, input], or [batch, pos, input] where `batch_first`. W, R, B, P and the initial states h, c hold the
    directions in the order of `directions`. lengths: of each sequence of the batch. W_scale to R_zero: of quantised
    weights, which stand as [direction, input, gates·unit]. Y, Y_h, Y_c: what it makes.
    activations: of each direction. clip: None where sums are not cut off. hidden_size: the units that the node states.
    """

    kind: str
    directions: tuple[str, ...]
    activations: tuple[tuple[Activation, ...], ...]
    X: str
    W: str
    R: str
    B: str = ""
    lengths: str = ""
    h: str = ""
    c: str = ""
    P: str = ""
    W_scale: str = ""
    W_zero: str = ""
    R_scale: str = ""
    R_zero: str = ""
    Y: str = ""
    Y_h: str = ""
    Y_c: str = ""
    clip: float | None = None
    linear_before_reset: bool = False
    input_forget: bool = False
    batch_first: bool = False
    hidden_size: int | None = None

    @property
    def quantised(self) -> bool:
        """Are its weights whole numbers?"""
        return bool(self.W_scale)

    @property
    def weights(self) -> tuple[str, ...]:
        """The tensors that hold its weights."""
        names = (self.W, self.R, self.B, self.P, self.W_scale, self.W_zero, self.R_scale, self.R_zero)
        return tuple(name for name in names if name)


def recurrent_node(node: Node) -> RecurrentNode | None:
    """A node taken apart; None if it is no recurrent operator.

    Raises ValueError, with the end of a sentence, for one that says what no specification knows.
    """
    kind = KINDS.get((node.domain, node.op))
    if kind is None:
        return None
    direction = str(node.attributes.get("direction", "forward"))
    if direction not in _DIRECTIONS:
        raise ValueError(f"its direction is “{direction}”, which there is not")
    directions = _DIRECTIONS[direction]
    clip, hidden = node.attributes.get("clip"), node.attributes.get("hidden_size")
    lstm, quantised = kind == "lstm", node.op == "DynamicQuantizeLSTM"
    return RecurrentNode(
        kind,
        directions,
        _activations(node, kind, len(directions)),
        X=node.input(0),
        W=node.input(1),
        R=node.input(2),
        B=node.input(3),
        lengths=node.input(4),
        h=node.input(5),
        c=node.input(6) if lstm else "",
        P=node.input(7) if lstm else "",
        W_scale=node.input(8) if quantised else "",
        W_zero=node.input(9) if quantised else "",
        R_scale=node.input(10) if quantised else "",
        R_zero=node.input(11) if quantised else "",
        Y=_at(node.outputs, 0),
        Y_h=_at(node.outputs, 1),
        Y_c=_at(node.outputs, 2),
        clip=clip if isinstance(clip, float) and clip > 0 else None,
        linear_before_reset=bool(node.attributes.get("linear_before_reset")) and kind == "gru",
        input_forget=bool(node.attributes.get("input_forget")) and lstm,
        batch_first=bool(node.attributes.get("layout")),
        hidden_size=hidden if isinstance(hidden, int) else None,
    )


def _at(names: Sequence[str], place: int) -> str:
    return names[place] if place < len(names) else ""


def _activations(node: Node, kind: str, directions: int) -> tuple[tuple[Activation, ...], ...]:
    """Those of each direction. Each takes its α and β, if it has any, from lists that are used up in order."""
    given, each = node.attributes.get("activations"), len(_ACTIVATIONS[kind])
    names = [str(name) for name in given] if isinstance(given, list) and given else list(_ACTIVATIONS[kind])
    names = names * directions if len(names) == each else names
    if len(names) < each * directions:
        raise ValueError(f"it states {len(names)} activations of {each * directions}")
    alphas, betas = _numbers(node, "activation_alpha"), _numbers(node, "activation_beta")
    found = []
    for name in names[: each * directions]:
        try:
            known = Activation.named(name)
        except KeyError:
            raise ValueError(f"it uses the activation {name}, which is not in the ONNX specification") from None
        without = 0.0 if known.name in _ZERO_WITHOUT else None
        alpha = next(alphas, without) if known.name in _WITH_ALPHA else None
        beta = next(betas, without) if known.name in _WITH_BETA else None
        found.append(Activation.named(name, alpha, beta))
    return tuple(tuple(found[at : at + each]) for at in range(0, len(found), each))


def _numbers(node: Node, name: str) -> Iterator[float]:
    given = node.attributes.get(name)
    return iter([float(value) for value in given] if isinstance(given, list) else [])
