"""Loop, Scan and If: what is inside is run again step by step, and walked back step by step.

Sources: the ONNX operators Loop, Scan (from version 9) and If.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from embstudio.modelfile.graph import Node
from embstudio.session.differentiate.body import Body, inputs_of
from embstudio.session.differentiate.linearised import Linearised
from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Gradients, PullSeveral, Rule
from embstudio.session.differentiate.step import Step, read_at

Feeds = dict[str, np.ndarray]


def _all(node: Node, wanted: frozenset[int]) -> tuple[int, ...]:
    return tuple(place for place in range(len(node.inputs) + len(node.captured)) if read_at(node, place))


class _Steps:
    """The steps of one body in one run.

    names: of the body's inputs that gradients are wanted of: states and pieces of what is scanned. What it reads from
    outside is fed to every step, and its gradient is the sum over all.
    """

    def __init__(self, step: Step, attribute: str, names: Sequence[str]) -> None:
        self._step, self._attribute, self._names = step, attribute, names
        node = step.node
        first = len(node.inputs)
        self.outside = {name: step.given(first + at) for at, name in enumerate(node.captured)}
        self._moved = {name: first + at for at, name in enumerate(node.captured) if first + at in step.wanted}
        self.done: list[Linearised] = []
        self._body: Body | None = None

    def run(self, own: Feeds) -> list[np.ndarray]:
        """One step more: its outputs in their order. Raises StudioError, or Cancelled."""
        inside = self._step.inside
        inside.stop.check()
        feeds = {**self.outside, **own}
        if self._body is None:
            wrt = tuple(name for name in (*self._names, *self._moved) if feeds[name].dtype.kind == "f")
            key = (self._step.node.index, self._attribute, wrt, tuple(value.dtype for value in feeds.values()))
            found = inside.kept.get(key)
            self._body = (
                found if isinstance(found, Body) else Body(self._step.node, self._attribute, feeds, wrt, inside)
            )
            inside.kept[key] = self._body
        outputs, linearised = self._body.step(feeds, inside)
        self.done.append(linearised)
        return outputs

    def back(self, seeds_of: Callable[[int, Feeds], Mapping[int, np.ndarray]], found: dict[int, np.ndarray],
             pieces: Callable[[int, Feeds], None] = lambda at, gradients: None) -> Feeds:  # fmt: skip
        """Walk all steps back. seeds_of: of each step's outputs by place, from the gradients by the next step's inputs;
        pieces: told of those by the inputs of each step. What comes from outside is added to `found`.

        Returns the gradients by the inputs of the first step.
        """
        gradients: Feeds = {}
        for at in range(len(self.done) - 1, -1, -1):
            seeds = self._by_name(seeds_of(at, gradients))
            gradients = self.done[at].pull(seeds, self._step.inside.stop) if seeds else {}
            for name, place in self._moved.items():
                if name in gradients:
                    found[place] = found[place] + gradients[name] if place in found else gradients[name]
            pieces(at, gradients)
        return gradients

    def _by_name(self, seeds: Mapping[int, np.ndarray]) -> Feeds:
        """The same output may be handed on and collected."""
        assert self._body is not None
        found: Feeds = {}
        for place, seed in seeds.items():
            name = self._body.outputs[place]
            found[name] = found[name] + seed if name in found else seed
        return found


def _loop(step: Step) -> PullSeveral:
    """Inputs: how often, whether at all, the states. The body: number, whether, states → whether, states, collected."""
    node = step.node
    ranks = inputs_of(node, "body", step.inside)
    own = list(ranks)
    states = [step.given(place) for place in range(2, len(node.inputs))]
    count, names = len(states), own[2 : 2 + len(states)]
    most = int(np.ravel(step.given(0))[0]) if step.has(0) else None
    goes_on = bool(np.ravel(step.given(1))[0]) if step.has(1) else True
    steps = _Steps(step, "body", names)
    while goes_on and (most is None or len(steps.done) < most):
        number = np.full([1] * ranks[own[0]], len(steps.done), np.int64)
        yes = np.full([1] * ranks[own[1]], True)
        outputs = steps.run({own[0]: number, own[1]: yes, **dict(zip(names, states, strict=True))})
        goes_on, states = bool(np.ravel(outputs[0])[0]), outputs[1 : 1 + count]

    def pull(gradients: Sequence[np.ndarray | None]) -> Gradients:
        last, collected = gradients[:count], gradients[count:]
        found: dict[int, np.ndarray] = {}

        def seeds_of(at: int, later: Feeds) -> dict[int, np.ndarray]:
            by_state = last if at == len(steps.done) - 1 else [later.get(name) for name in names]
            seeds = {1 + place: each for place, each in enumerate(by_state) if each is not None}
            return seeds | {1 + count + place: each[:, at] for place, each in enumerate(collected) if each is not None}

        first = steps.back(seeds_of, found)
        for place, name in enumerate(names):
            gradient = first.get(name) if steps.done else last[place]
            if 2 + place in step.wanted and gradient is not None:
                found[2 + place] = gradient
        return found

    return pull


def _scan(step: Step) -> PullSeveral:
    """Inputs: the states, then what is cut into pieces. The body: states, pieces → states, collected."""
    node = step.node
    if step.opset < 9:
        refuse(node, "it is of operator set 8")
    own, cut = list(inputs_of(node, "body", step.inside)), step.integer("num_scan_inputs", 1)
    count = len(node.inputs) - cut
    states = [step.given(place) for place in range(count)]
    axes = [axis % step.rank(count + at) for at, axis in enumerate(step.integers("scan_input_axes") or [0] * cut)]
    turned = step.integers("scan_input_directions") or [0] * cut
    length = step.shape(count)[axes[0]]
    steps = _Steps(step, "body", own)

    def place_of(at: int, backwards: int) -> int:
        return length - 1 - at if backwards else at

    for at in range(length):
        pieces = [
            np.take(step.given(count + i), place_of(at, turned[i]), axis=axes[i]) for i in range(cut)
        ]  # fmt: skip
        states = steps.run(dict(zip(own, (*states, *pieces), strict=True)))[:count]

    out_turned = step.integers("scan_output_directions") or [0] * (len(node.outputs) - count)
    out_axes = step.integers("scan_output_axes") or [0] * (len(node.outputs) - count)

    def pull(gradients: Sequence[np.ndarray | None]) -> Gradients:
        last, collected = gradients[:count], gradients[count:]
        found: dict[int, np.ndarray] = {}
        seeds = next((len(each) for each in gradients if each is not None), 0)
        whole = {i: np.zeros((seeds, *step.shape(count + i))) for i in range(cut) if count + i in step.wanted}

        def seeds_of(at: int, later: Feeds) -> dict[int, np.ndarray]:
            by_state = last if at == length - 1 else [later.get(name) for name in own[:count]]
            found = {place: each for place, each in enumerate(by_state) if each is not None}
            for i, each in enumerate(collected):
                if each is not None:
                    axis = out_axes[i] % (each.ndim - 1) + 1
                    found[count + i] = np.take(each, place_of(at, out_turned[i]), axis=axis)
            return found

        def pieces_of(at: int, by_input: Feeds) -> None:
            for i, gradient in whole.items():
                if own[count + i] in by_input:
                    place = (slice(None),) * (axes[i] + 1) + (place_of(at, turned[i]),)
                    gradient[place] = by_input[own[count + i]]

        first = steps.back(seeds_of, found, pieces_of)
        for place in range(count):
            gradient = first.get(own[place]) if length else last[place]
            if place in step.wanted and gradient is not None:
                found[place] = gradient
        return found | {count + i: each for i, each in whole.items()}

    return pull


def _if(step: Step) -> PullSeveral:
    """The branch that was taken."""
    branch = "then_branch" if bool(np.ravel(step.given(0))[0]) else "else_branch"
    steps = _Steps(step, branch, ())
    steps.run({})

    def pull(gradients: Sequence[np.ndarray | None]) -> Gradients:
        found: dict[int, np.ndarray] = {}
        seeds = {place: each for place, each in enumerate(gradients) if each is not None}
        steps.back(lambda at, later: seeds, found)
        return found

    return pull


RULES: dict[str, Rule] = {"Loop": Rule(_loop, _all), "Scan": Rule(_scan, _all), "If": Rule(_if, _all)}
