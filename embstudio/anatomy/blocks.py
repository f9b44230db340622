"""Attentions put together as the blocks of a model: encoder and decoder, which layer, self or cross."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.anatomy import Attention, Block, PointSource
from embstudio.anatomy.attention import FoundAttention
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.head_axes import Reading
from embstudio.anatomy.parameters import BlockSpan
from embstudio.anatomy.residual import FoundResidual, ResidualStep, attention_step, find_residual
from embstudio.anatomy.stream_axes import stream_layout
from embstudio.trace import points


@dataclass(frozen=True)
class FoundBlock:
    """One layer: its attentions (self, then cross), and the residual stream around it."""

    stack: str
    layer: int
    attentions: tuple[tuple[str, FoundAttention], ...]  # ("self" | "cross", attention)
    residual: FoundResidual

    @property
    def name(self) -> str:
        """As points name it: "blocks.3", "decoder.blocks.0"."""
        return f"{self.stack}.blocks.{self.layer}" if self.stack else f"blocks.{self.layer}"


def arrange(flow: Dataflow, attentions: list[FoundAttention]) -> list[FoundBlock]:
    """Blocks from the attentions in the order of the graph.

    An attention is a cross-attention if what it reads for q (the residual stream) is no ancestor of its k. With one
    of those in the model, what their keys depend on is the encoder and all else the decoder.
    """
    steps = {found.softmax.index: step for found in attentions if (step := attention_step(flow, found))}
    kinds = {found.softmax.index: _kind(flow, found, steps.get(found.softmax.index)) for found in attentions}
    keys = [found.k_tensor for found in attentions if kinds[found.softmax.index] == "cross"]
    stacks: dict[str, list[list[FoundAttention]]] = {}
    for found in attentions:
        stack = ""
        if keys:
            in_encoder = any(flow.is_ancestor(found.values_product.outputs[0], key) for key in keys)
            stack = "encoder" if in_encoder else "decoder"
        layers = stacks.setdefault(stack, [])
        joins = kinds[found.softmax.index] == "cross" and layers and kinds[layers[-1][-1].softmax.index] == "self"
        if joins:
            layers[-1].append(found)
        else:
            layers.append([found])
    return [
        FoundBlock(stack, layer, tuple((kinds[each.softmax.index], each) for each in block), residual)
        for stack, layers in stacks.items()
        for layer, (block, residual) in enumerate(zip(layers, find_residual(flow, layers, steps), strict=True))
    ]


def _kind(flow: Dataflow, found: FoundAttention, step: ResidualStep | None) -> str:
    return "cross" if step is not None and not flow.is_ancestor(step.before, found.k_tensor) else "self"


def block_of(found: FoundBlock) -> Block:
    """The block as the anatomy states it."""
    return Block(
        found.stack,
        found.layer,
        tuple(
            Attention(
                kind,
                each.heads,
                each.kv_heads,
                each.d_head,
                each.softmax.name or each.softmax.outputs[0],
                each.softmax.operator,
            )
            for kind, each in found.attentions
        ),
    )


def block_points(flow: Dataflow, found: FoundBlock, width: int | None) -> list[PointSource]:
    """Every point of a block whose tensor and axes are known, in the order of computation."""
    residual = found.residual
    listed: list[PointSource | None] = [_stream(flow, f"{found.name}.resid_pre", residual.pre, width)]
    for kind, attention in found.attentions:
        prefix = f"{found.name}.{'attn' if kind == 'self' else 'cross_attn'}"
        for part in ("q", "k", "v", "scores", "pattern", "z"):
            listed.append(_reading(f"{prefix}.{part}", getattr(attention, part)))
        added = residual.attn_out if attention is found.attentions[0][1] else residual.cross_out
        listed.append(_stream(flow, f"{prefix}.out", added, width))
    listed.append(_stream(flow, f"{found.name}.resid_mid", residual.mid, width))
    listed.append(_stream(flow, f"{found.name}.mlp.out", residual.mlp_out, width))
    listed.append(_stream(flow, f"{found.name}.resid_post", residual.post, width))
    return [point for point in listed if point is not None]


def span_of(found: FoundBlock) -> BlockSpan | None:
    """Where the block begins and ends, for counting its weights; None if its residual stream was not found."""
    residual = found.residual
    if residual.pre is None:
        return None
    added = tuple(filter(None, (residual.attn_out, residual.cross_out)))
    return BlockSpan(found.name, residual.pre, added, residual.mlp_out, residual.post)


def _reading(name: str, reading: Reading | None) -> PointSource | None:
    return PointSource(name, points.parse(name).kind.axes, reading.tensor, reading.layout) if reading else None


def _stream(flow: Dataflow, name: str, tensor: str | None, width: int | None) -> PointSource | None:
    layout = stream_layout(flow.graph, tensor, width) if tensor else None
    return PointSource(name, points.parse(name).kind.axes, tensor or "", layout) if layout else None
