"""The points of one block, in the order of computation, and which of the usual ones it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from embstudio.anatomy.anatomy import PointSource, ResidualSum
from embstudio.anatomy.attention import FoundAttention
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.head_axes import Reading
from embstudio.anatomy.mlp import Hidden
from embstudio.anatomy.residual import FoundResidual
from embstudio.anatomy.residual_steps import ResidualStep
from embstudio.anatomy.same_values import are_same
from embstudio.anatomy.stream_axes import stream_layout
from embstudio.anatomy.stream_reads import StreamRead, stream_read
from embstudio.trace import points

ATTENTION_PARTS = ("q", "k", "v", "raw_scores", "scores", "pattern", "z")
_WHOLE = "the block adds all it did at once"
_CHANGED = "what the softmax makes of them is masked or weighted again before it meets the values"
_AXES_UNKNOWN = "its axes are not known"


@dataclass
class BlockPoints:
    """Fills in one block's points. lacking: (kind of point, cause or "") for each usual one that was not found.

    width: d_model where it is known. time_major: positions come before batches in the stream. unranked: tensors of
    points whose rank is not known.
    """

    flow: Dataflow
    name: str  # "blocks.3", "decoder.blocks.0"
    width: int | None
    time_major: bool = False
    points: list[PointSource] = field(default_factory=list)
    sums: list[ResidualSum] = field(default_factory=list)
    lacking: list[tuple[str, str]] = field(default_factory=list)
    unranked: list[str] = field(default_factory=list)

    def fill(self, attentions: tuple[tuple[str, FoundAttention], ...], residual: FoundResidual, hidden: Hidden) -> None:
        """attentions: ("self" | "cross", attention); hidden: the MLP's hidden layer."""
        self._stream("resid_pre", residual.pre)
        last = "resid_pre"
        for place, (kind, attention) in enumerate(attentions):
            part = "attn" if kind == "self" else "cross_attn"
            step = residual.cross_step if place else residual.attn_step
            stream = step.stream if step else None
            self._norm(f"{part}.norm", stream, attention.q_tensor)
            self.unranked.extend(attention.unsettled)
            for name in ATTENTION_PARTS:
                cause = _CHANGED if name == "scores" and attention.is_changed else ""
                self._reading(f"{part}.{name}", getattr(attention, name, None), cause)
            if step is not None and step.whole:
                self.lacking.append((f"{part}.out", _WHOLE))
                continue
            self._stream(f"{part}.out", step.added if step else None)
            following = residual.cross if place else residual.mid
            then = "resid_cross" if place else "resid_mid"
            if step is not None and step.parallel_mlp is None:
                if following is not None:
                    self._addition(step, last, (f"{part}.out",), following, f"{part}.sum", then)
                    last = then
                elif residual.last_step is step:
                    self._addition(
                        step, last, (f"{part}.out",), residual.post, f"{part}.sum", "resid_post", listed=False
                    )
        self._mlp(residual, hidden, last)
        self._stream("resid_post", residual.post)

    def _mlp(self, residual: FoundResidual, hidden: Hidden, last: str) -> None:
        first, step = residual.attn_step, residual.mlp_step
        if residual.mlp_out is None or first is None:
            self.lacking += [("mlp.out", hidden.cause), ("mlp.hidden", hidden.cause)]
            return
        self._norm("mlp.norm", step.stream if step else first.stream, residual.mlp_out)
        self._stream("mlp.hidden", hidden.tensor, cause=hidden.cause, width=hidden.width)
        self._stream("mlp.out", residual.mlp_out)
        if step is not None:
            self._addition(step, last, ("mlp.out",), residual.post, "mlp.sum", "resid_post", listed=False)
        else:
            added = ("attn.out", "mlp.out")
            self._addition(first, last, added, residual.post, "mlp.sum", "resid_post", listed=False)

    def _addition(
        self, step: ResidualStep, before: str, added: tuple[str, ...], stream: str | None, total: str, then: str,
        *, listed: bool = True,
    ) -> None:  # fmt: skip
        """A sum and the stream after it: the sum itself, or, post-norm, what a norm makes of it (`total` is then a
        point of its own). listed: put the stream among the points here."""
        summed = step.plain_sum
        if summed is not None and (stream is None or are_same(self.flow, summed, stream)):
            total = then
        elif stream is not None:
            self._stream(total, summed)
        if listed:
            self._stream(then, stream)
        known = step.factor is not None and step.beside is None
        if summed is not None and known and are_same(self.flow, step.stream, self._tensors.get(before, "")):
            names = tuple(f"{self.name}.{name}" for name in (before, *added, total))
            self.sums.append(ResidualSum(names[0], names[1:-1], names[-1], step.factor or 1.0))

    @property
    def _tensors(self) -> dict[str, str]:
        return {point.name.removeprefix(f"{self.name}."): point.tensor for point in self.points}

    def _norm(self, name: str, stream: str | None, part: str) -> None:
        read = stream_read(self.flow, stream, part) if stream else StreamRead()
        if not read.as_it_is:
            self._stream(name, read.norm)

    def _stream(self, name: str, tensor: str | None, *, cause: str = "", width: int | None = None) -> None:
        wide = width or self.width
        layout = stream_layout(self.flow.graph, tensor, wide, time_major=self.time_major) if tensor else None
        if tensor and layout:
            kind = points.parse(f"{self.name}.{name}").kind
            # An MLP's hidden layer is as wide as d_mlp says.
            named = tuple(kind.axes[-1] if axis == "d_model" else axis for axis in layout)
            self.points.append(PointSource(f"{self.name}.{name}", kind.axes, tensor, named))
            return
        if tensor and not self.flow.graph.shape(tensor):  # an output without a shape is stated to have no axes
            self.unranked.append(tensor)
        self.lacking.append((name, cause or (_AXES_UNKNOWN if tensor else "")))

    def _reading(self, name: str, reading: Reading | None, cause: str) -> None:
        full = f"{self.name}.{name}"
        if reading is None:
            self.lacking.append((name, cause))
        else:
            axes = points.parse(full).kind.axes
            self.points.append(PointSource(full, axes, reading.tensor, reading.layout, reading.factor))


def sums_of_points(sums: list[ResidualSum], listed: set[str]) -> Iterator[ResidualSum]:
    """The sums whose points are all there."""
    return (each for each in sums if {each.before, *each.added, each.sum} <= listed)
