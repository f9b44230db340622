"""A model at one input, as the linear map that it is close to it; walked backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod

import numpy as np

from embstudio.session.differentiate.inside import Inside
from embstudio.session.differentiate.observer import Observed
from embstudio.session.differentiate.plan import Plan
from embstudio.session.differentiate.rule import PullSeveral
from embstudio.session.differentiate.step import Shape, Step, read_at
from embstudio.session.stop import Stop

Progress = Callable[[float], None]
"""Told the share that is done."""

AT_ONCE = 2**25  # bytes that one walk may hold at a time: more would not fit into the cache of a processor
_TEMPORARIES = 3  # arrays of the size of a node's output that its rule makes on the way


class Linearised:
    """The gradients of a plan at the values that were observed. Every method may raise Cancelled."""

    def __init__(self, plan: Plan, observed: Observed, inside: Inside) -> None:
        self._plan, self._observed, self._inside = plan, observed, inside
        self._opset = plan.graph.opset.get("", 1)
        self._pulls: dict[int, PullSeveral] = {}

    def value(self, tensor: str) -> np.ndarray:
        """Of a target, or of what gradients are wanted of, as the model computed it."""
        return self._observed.values[tensor]

    def shape(self, tensor: str) -> Shape:
        """Of a target, or of what gradients are wanted of."""
        return self._observed.shapes[tensor]

    def of_entries(
        self,
        target: str,
        entries: np.ndarray,
        stop: Stop,
        *,
        scale: float = 1.0,
        at_once: int = AT_ONCE,
        progress: Progress | None = None,
    ) -> dict[str, np.ndarray]:
        """Rows of the Jacobian: ∂ target[entry] / ∂ x for some entries, numbered through the target: [entry, *x].

        scale: what they are all multiplied by. at_once: bytes; as many rows are worked out together as fit.
        """
        parts = list(self.some_by_some(target, entries, stop, scale=scale, at_once=at_once, progress=progress))
        return {
            name: np.concatenate([part[name] for part in parts]) if parts else np.zeros((0, *self.shape(name)))
            for name in self._plan.wrt
        }

    def some_by_some(
        self,
        target: str,
        entries: np.ndarray,
        stop: Stop,
        *,
        scale: float = 1.0,
        at_once: int = AT_ONCE,
        progress: Progress | None = None,
    ) -> Iterator[dict[str, np.ndarray]]:
        """The same a few rows at a time, so that they need not all be kept."""
        shape, rows = self.shape(target), self.rows_at_once(at_once) if len(entries) > 1 else 1
        for start in range(0, len(entries), rows):
            chosen = entries[start : start + rows]
            seeds = np.zeros((len(chosen), prod(shape)))
            seeds[np.arange(len(chosen)), chosen] = scale
            yield self.pull({target: seeds.reshape(len(chosen), *shape)}, stop, keep=len(entries) > rows)
            if progress is not None:
                progress(min(1.0, (start + rows) / len(entries)))
        self._pulls.clear()

    def pull(self, seeds: Mapping[str, np.ndarray], stop: Stop, *, keep: bool = False) -> dict[str, np.ndarray]:
        """Vector-Jacobian products: seeds [seed, *target] by target; answers [seed, *x] by x, 0 where none depends.

        keep: what was worked out of the observed values for the next call, which costs memory.
        """
        count = len(next(iter(seeds.values())))
        gradients = _Sums(seeds)
        with np.errstate(all="ignore"):  # what overflows is infinite, and is shown as that
            for place in reversed(range(len(self._plan.nodes))):
                stop.check()
                self._pull_one(place, gradients, keep)
        return {
            name: gradients.whole(name, (count, *self.shape(name))) for name in self._plan.wrt
        }  # fmt: skip

    def rows_at_once(self, budget: int) -> int:
        """How many seeds can be walked back together within `budget` bytes."""
        sizes = {name: prod(shape) for name, shape in self._observed.shapes.items()}
        live = sum(sizes[name] for name in self._plan.targets)
        peak, held = live, set(self._plan.targets)
        for place in reversed(range(len(self._plan.nodes))):
            active = self._plan.nodes[place]
            new = {read_at(active.node, at) for at in active.wanted} - held
            live += sum(sizes[name] for name in new)
            held |= new
            moved = [*active.node.outputs, *(read_at(active.node, at) for at in active.wanted)]
            largest = max(sizes.get(name, 0) for name in moved)
            peak = max(peak, live + _TEMPORARIES * largest)
            gone = {name for name in active.node.outputs if name in held and name not in self._plan.wrt}
            live -= sum(sizes[name] for name in gone)
            held -= gone
        return max(1, budget // (8 * max(peak, 1)))

    def _pull_one(self, place: int, gradients: _Sums, keep: bool) -> None:
        active = self._plan.nodes[place]
        node = active.node
        outgoing = [gradients.take(name, keep=name in self._plan.wrt) for name in node.outputs]
        if all(each is None for each in outgoing):
            return
        pull = self._pulls.get(place)
        if pull is None:
            step = Step(
                node, active.wanted, self._opset, self._observed.values, self._observed.shapes, self._inside
            )  # fmt: skip
            pull = active.rule.linearise(step)
            if keep:
                self._pulls[place] = pull
        for at, gradient in pull(outgoing).items():
            gradients.add(read_at(node, at), gradient)


class _Sums:
    """Gradients by tensor while they are summed up. An array that was handed in is never changed."""

    def __init__(self, seeds: Mapping[str, np.ndarray]) -> None:
        self._sums = {name: np.asarray(seed, np.float64) for name, seed in seeds.items()}
        self._own: set[str] = set()

    def add(self, tensor: str, gradient: np.ndarray) -> None:
        if tensor not in self._sums:
            self._sums[tensor] = gradient
        elif tensor in self._own:
            self._sums[tensor] += gradient
        else:
            self._sums[tensor] = self._sums[tensor] + gradient
            self._own.add(tensor)

    def take(self, tensor: str, *, keep: bool) -> np.ndarray | None:
        """The finished sum, which is forgotten unless it was asked for itself."""
        return self._sums.get(tensor) if keep else self._sums.pop(tensor, None)

    def whole(self, tensor: str, shape: Shape) -> np.ndarray:
        """The sum, or zeros."""
        found = self._sums.get(tensor)
        return np.zeros(shape) if found is None else np.array(np.broadcast_to(found, shape))
