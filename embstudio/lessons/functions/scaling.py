"""Functions of size: how the loss falls with it by published laws, and how many weights a known shape has."""

from __future__ import annotations

from embstudio.formulas.scaling.known_shapes import KNOWN
from embstudio.formulas.scaling.laws import BESIROGLU, HOFFMANN, KAPLAN, FlooredLaw, KaplanLaw
from embstudio.formulas.scaling.transformer_shape import TransformerShape, parameters, total
from embstudio.lessons.facts import Facts
from embstudio.lessons.functions.function import Function
from embstudio.lessons.value import Value, ValueFault

_LAWS: dict[str, KaplanLaw | FlooredLaw] = {"Kaplan": KAPLAN, "Hoffmann": HOFFMANN, "Besiroglu": BESIROGLU}


def _law(name: str) -> KaplanLaw | FlooredLaw:
    if name not in _LAWS:
        raise ValueFault(f"there is no law {name!r}; there are {', '.join(_LAWS)}.")
    return _LAWS[name]


def _loss(_facts: Facts, law: str, weights: float, tokens: float) -> Value:
    if weights <= 0 or tokens <= 0:
        raise ValueFault("scaling_loss: both numbers must be larger than 0.")
    return float(_law(law).loss(weights, tokens))


def _floor(_facts: Facts, law: str) -> Value:
    found = _law(law)
    if not isinstance(found, FlooredLaw):
        raise ValueFault(f"the law of {law} has no floor.")
    return float(found.floor)


def _shape(name: str) -> TransformerShape:
    shapes = {each.name: each.shape for each in KNOWN if isinstance(each.shape, TransformerShape)}
    if name not in shapes:
        raise ValueFault(f"there is no shape {name!r}; there are {', '.join(shapes)}.")
    return shapes[name]


def _weights(_facts: Facts, shape: str) -> Value:
    return float(total(_shape(shape)))


def _weights_of(_facts: Facts, shape: str, part: str) -> Value:
    found = parameters(_shape(shape))
    if part not in found:
        raise ValueFault(f"{shape} has no part {part!r}; it has {', '.join(found)}.")
    return float(found[part])


FUNCTIONS = (
    Function("scaling_loss", ("law", "count", "count"),
             "the loss for so many weights and training tokens, by Kaplan (2020), Hoffmann (2022, “Chinchilla”) or "
             "Besiroglu (2024)", _loss),
    Function("scaling_floor", ("law",), "the loss that no size gets below, by Hoffmann or Besiroglu", _floor),
    Function("weights", ("shape",), "how many weights a known shape has: GPT-2 small, BERT base …", _weights),
    Function("weights_of", ("shape", "part"), "those of one part of it", _weights_of),
)  # fmt: skip
