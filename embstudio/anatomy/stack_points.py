"""The points before the first block and after the last of one stack: embed, pos_embed and final_norm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from embstudio.anatomy.anatomy import EmbeddingTable, PointSource, ResidualSum
from embstudio.anatomy.blocks import FoundBlock
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.mlp import between
from embstudio.anatomy.norms import norms_of
from embstudio.anatomy.positions import PositionTables, is_of_places
from embstudio.anatomy.residual import end_of_stream
from embstudio.anatomy.same_values import are_same, before_same_values, without_factor
from embstudio.anatomy.stream_axes import is_time_major, moving_nodes, stream_layout


@dataclass
class StackPoints:
    """Fills in one stack's points. lacking: kinds of points that the stack should have and were not found, with a
    cause or ""; unranked: tensors of points whose rank is not known."""

    flow: Dataflow
    stack: str
    width: int | None
    time_major: bool = False
    moved_from: int | None = None  # the first block whose positions are not those of the tokens
    first: list[PointSource] = field(default_factory=list)
    last: list[PointSource] = field(default_factory=list)
    sums: list[ResidualSum] = field(default_factory=list)
    lacking: list[tuple[str, str]] = field(default_factory=list)
    unranked: list[str] = field(default_factory=list)

    def fill(self, blocks: list[FoundBlock], table: EmbeddingTable | None, positions: PositionTables | None) -> None:
        """blocks: those of the stack, in order; none in a model without attention."""
        pre = blocks[0].residual.pre if blocks else None
        if table is not None and table.output:
            turned = is_time_major(self.flow, table.ids_input, table.output)
            self._list(self.first, "embed", table.output, table.width, time_major=turned)
            if pre:
                self.time_major = is_time_major(self.flow, table.ids_input, pre)
            self._find_moves(blocks, table.output)
            added, total = position_vectors(self.flow, table.output, pre, positions) if pre else (None, "")
            if added is not None:
                turned = is_time_major(self.flow, table.ids_input, total)
                self._list(self.first, "pos_embed", added, table.width, time_major=turned)
                self._start(table.output, added, pre or "")
            elif positions is not None and pre and any(_uses(self.flow, name, pre) for name in positions.initializers):
                self.lacking.append(("pos_embed", ""))
        elif table is not None:
            self.lacking.append(("embed", "kept inside EmbedLayerNormalization"))
        if blocks and self.moved_from is None:
            self._final_norm(blocks)

    def _find_moves(self, blocks: list[FoundBlock], embed: str) -> None:
        moving = moving_nodes(self.flow, embed)
        for block in blocks:
            pre = block.residual.pre
            if pre and any(self.flow.node_reaches(node, pre) for node in moving):
                self.moved_from = block.layer
                self.lacking.append(
                    (f"blocks.{block.layer}.* and all after it", "a position there is not a token's place")
                )
                return

    def _start(self, embed: str, added: str, pre: str) -> None:
        """The sum that begins the stream, where it is nothing but embed + pos_embed."""
        node = self.flow.graph.producer(before_same_values(self.flow, pre))
        if node is None or node.op != "Add" or len(self.first) < 2:
            return
        for one, other in (node.inputs[:2], node.inputs[1::-1]):
            scaled = without_factor(self.flow, one, until=lambda name: are_same(self.flow, name, embed))
            if are_same(self.flow, scaled.tensor, embed) and other == added and scaled.factor is not None:
                names = (self._name("embed"), self._name("pos_embed"), self._name("blocks.0.resid_pre"))
                self.sums.append(ResidualSum(names[0], (names[1],), names[2], scaled.factor))
                return

    def _final_norm(self, blocks: list[FoundBlock]) -> None:
        """The norm of what leaves the last block. A post-norm stack has none: its stream is a norm already."""
        post = blocks[-1].residual.post
        step = blocks[-1].residual.last_step
        if step is None or post is None or not any(are_same(self.flow, total, post) for total in step.sums):
            return
        end = end_of_stream(self.flow, post)
        norms = norms_of(self.flow, end)
        if len(norms) == 1:
            self._list(self.last, "final_norm", norms[0], self.width)
        elif len(norms) > 1:
            self.lacking.append(("final_norm", "several norms read what leaves the last block"))

    def _list(
        self, points: list[PointSource], name: str, tensor: str, width: int | None, *, time_major: bool | None = None
    ) -> None:
        turned = self.time_major if time_major is None else time_major
        layout = stream_layout(self.flow.graph, tensor, width, time_major=turned)
        if layout == ("batch pos", "d_model") and name == "pos_embed":
            layout = ("pos", "d_model")  # one for all sequences
        if layout:
            points.append(PointSource(self._name(name), ("pos", "d_model"), tensor, layout))
            return
        if not self.flow.graph.shape(tensor):
            self.unranked.append(tensor)
        self.lacking.append((name, "its axes are not known"))

    def _name(self, name: str) -> str:
        return f"{self.stack}.{name}" if self.stack else name


def tables_of(
    flow: Dataflow, tables: tuple[EmbeddingTable, ...], stacks: dict[str, list[FoundBlock]]
) -> Iterator[tuple[str, EmbeddingTable | None]]:
    """Each stack with the table of tokens that its stream begins with: the one with the most rows of those."""
    words = sorted((table for table in tables if table.role == "tokens"), key=lambda table: -table.rows)
    for stack, blocks in stacks.items():
        pre = blocks[0].residual.pre if blocks else None
        if pre is None:
            yield stack, words[0] if words and len(stacks) == 1 else None
            continue
        # Of a table with quantised rows the floats may be read by nothing, while the whole numbers go into a product.
        only = words[0] if len(words) == len(stacks) == 1 else None
        yield stack, next((table for table in words if not table.output or flow.is_ancestor(table.output, pre)), only)


def position_vectors(flow: Dataflow, embed: str, pre: str, positions: PositionTables | None) -> tuple[str | None, str]:
    """What is added for the places on the way from the tokens' vectors to the first block, before any norm, and the
    sum; None if nothing is, or it comes in one with something else."""
    for node in between(flow, embed, pre):
        if node.op not in ("Add", "Sum"):
            continue
        others = [name for name in node.inputs if not flow.is_ancestor(embed, name)]
        for name in others:
            found = _of_places(flow, name, positions)
            if found is not None:
                return found, node.outputs[0]
    return None, ""


def _uses(flow: Dataflow, initializer: str, pre: str) -> bool:
    """Does the first block depend on a table of positions? (Through data: what counts the places is none.)"""
    return any(flow.node_reaches(node, pre) or node.outputs[0] == pre for node, _ in flow.users(initializer))


def _of_places(flow: Dataflow, tensor: str, positions: PositionTables | None) -> str | None:
    """The tensor if it holds vectors of places, or the part of a sum that does (positions + segments)."""
    node = flow.graph.producer(before_same_values(flow, tensor))
    if node is not None and node.op == "Add":
        parts = [found for name in node.inputs if (found := _of_places(flow, name, positions))]
        return parts[0] if len(parts) == 1 else None
    return tensor if is_of_places(flow, tensor, positions) else None
