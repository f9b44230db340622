"""The open model held against itself: what must hold between its own numbers, checked on one small input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from embstudio.anatomy.anatomy import Anatomy
from embstudio.base.errors import UnsupportedModelError
from embstudio.modelfile.graph import Graph
from embstudio.session.budget import fixed_sizes
from embstudio.session.canonical import Canonical
from embstudio.session.engine import Engine
from embstudio.session.messages import Finding
from embstudio.session.recurrent_check import recurrent_apart
from embstudio.session.stop import Stop
from embstudio.trace.axes import NamedArray
from embstudio.trace.laws import attention_laws, sum_law

# How far a law may be off, by the coarsest arithmetic in the graph: what rounding explains and no more.
TOLERANCE = {"float32": 1e-4, "float16": 2e-2, "int8": 0.1}
_RECURRENT = ("lstm.", "gru.", "rnn.")
_WHOLE_NUMBERS = frozenset({
    "MatMulInteger", "DynamicQuantizeLinear", "QuantizeLinear", "DynamicQuantizeMatMul", "MatMulIntegerToFloat",
    "DynamicQuantizeLSTM",
})  # fmt: skip


def check_laws(anatomy: Anatomy, engine: Engine, feeds: Mapping[str, np.ndarray], graph: Graph) -> tuple[Finding, ...]:
    """One finding for each law, over all layers. graph: what the anatomy was read from.

    Raises StudioError if the model does not run.
    """
    summed = {name for each in anatomy.sums for name in (each.before, *each.added, each.sum)}
    sources = [
        point for point in engine.points
        if point.tensor and ("attn" in point.name or point.name in summed or point.name.startswith(_RECURRENT))
    ]  # fmt: skip
    if not sources:
        return ()
    raw = dict(zip((s.name for s in sources), engine.run(feeds, [s.tensor for s in sources], Stop()), strict=True))
    values: dict[str, NamedArray] = {}
    for source in sources:
        try:
            values[source.name] = Canonical(source, fixed_sizes(anatomy, source.name))(raw[source.name])
        except ValueError as error:
            raise UnsupportedModelError(
                "A value of this model does not have the shape that was expected.", where=source.name,
                detail=str(error), advice="The other points can still be shown; please report the model.",
            ) from error  # fmt: skip
    tolerance = TOLERANCE[_arithmetic(raw, frozenset(node.op for node in graph.nodes))]
    worst: dict[str, tuple[float, str, int]] = {}
    for law, where, apart in (*_apart(values), *_sums(anatomy, values), *recurrent_apart(anatomy, graph, values)):
        before = worst.get(law, (-1.0, "", 0))
        worst[law] = (*max(before[:2], (apart, where)), before[2] + 1)
    return tuple(
        Finding(law, places, apart, where, apart <= tolerance) for law, (apart, where, places) in worst.items()
    )


def _apart(values: Mapping[str, NamedArray]) -> Iterator[tuple[str, str, float]]:
    for prefix in dict.fromkeys(name.rpartition(".")[0] for name in values if "attn" in name):
        for law, apart in attention_laws(values, prefix).items():
            yield law, prefix, apart


def _sums(anatomy: Anatomy, values: Mapping[str, NamedArray]) -> Iterator[tuple[str, str, float]]:
    for each in anatomy.sums:
        if {each.before, *each.added, each.sum} <= set(values):
            added = [values[name] for name in each.added]
            yield (
                "sums of the residual stream",
                each.sum,
                sum_law(values[each.before], added, values[each.sum], each.scale),
            )


def _arithmetic(raw: Mapping[str, np.ndarray], operators: frozenset[str]) -> str:
    if operators & _WHOLE_NUMBERS:
        return "int8"
    return "float16" if any(value.dtype == np.float16 for value in raw.values()) else "float32"
