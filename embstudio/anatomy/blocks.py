"""Attentions put together as the blocks of a model: encoder and decoder, which layer, self or cross."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.anatomy import Attention, Block
from embstudio.anatomy.attention import FoundAttention
from embstudio.anatomy.block_points import BlockPoints
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.mlp import Hidden, find_hidden, last_products
from embstudio.anatomy.parameters import BlockSpan
from embstudio.anatomy.residual import FoundResidual, find_residual
from embstudio.anatomy.residual_steps import ResidualStep, attention_step
from embstudio.anatomy.same_values import before_same_values
from embstudio.anatomy.shared_keys import SharedKeys
from embstudio.anatomy.towers import inputs_of, towers_of


@dataclass(frozen=True)
class FoundBlock:
    """One layer: its attentions (self, then cross), and the residual stream around it.

    tower: which of the stack's towers it stands in, where there are several side by side. inputs: what they read.
    """

    stack: str
    layer: int
    attentions: tuple[tuple[str, FoundAttention], ...]  # ("self" | "cross", attention)
    residual: FoundResidual
    tower: int = 0
    inputs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As points name it: "blocks.3", "decoder.blocks.0"."""
        return f"{self.stack}.blocks.{self.layer}" if self.stack else f"blocks.{self.layer}"


def arrange(flow: Dataflow, attentions: list[FoundAttention], ids_input: str | None = None) -> list[FoundBlock]:
    """Blocks from the attentions in the order of the graph; of towers side by side, that of the tokens first.

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
    blocks: list[FoundBlock] = []
    for stack, layers in stacks.items():
        first = len(blocks)
        for number, tower in enumerate(towers_of(flow, layers, ids_input)):
            inputs = tuple(inputs_of(flow, tower[0]))
            for block, residual in zip(tower, find_residual(flow, tower, steps), strict=True):
                named = tuple((kinds[each.softmax.index], each) for each in block)
                blocks.append(FoundBlock(stack, len(blocks) - first, named, residual, number, inputs))
    return blocks


def _kind(flow: Dataflow, found: FoundAttention, step: ResidualStep | None) -> str:
    """Do the keys come from another stream than the one that the attention writes to?"""
    if step is None:
        return "self"
    stream = before_same_values(flow, step.stream, quantised=True)
    if flow.is_ancestor(stream, found.k_tensor):
        return "self"
    # Keys from before the stream was pooled are still its own (Funnel).
    own = _without_weights(flow, [stream])
    read = [name for node in last_products(flow, found.k_tensor) for name in flow.data_inputs(node)]
    return "self" if own & _without_weights(flow, read) else "cross"


def _without_weights(flow: Dataflow, tensors: list[str]) -> set[str]:
    """The tensors of features that some come from without a product with weights: a residual stream all the way back to
    its embedding."""
    waiting, seen = list(tensors), set(tensors)
    while waiting:
        tensor = waiting.pop()
        node = flow.graph.producer(tensor)
        if node is None or flow.multiplies_by_weight(node):
            continue
        if node.op == "DynamicQuantizeLinear" and tensor != node.outputs[0]:
            continue  # the scale of a product's operand
        for name in node.reads:
            if (
                flow.is_data(name)
                and name not in seen
                and (flow.graph.dtype(name) or "float").startswith(("float", "bf"))
            ):
                seen.add(name)
                waiting.append(name)
    return seen - {info.name for info in flow.graph.inputs}


def block_of(flow: Dataflow, found: FoundBlock, keys: SharedKeys) -> Block:
    """The block as the anatomy states it. keys: asked about the blocks before."""
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
                keys.earlier(each, found.stack, found.layer),
            )
            for kind, each in found.attentions
        ),
        hidden_of(flow, found).width,
    )


def hidden_of(flow: Dataflow, found: FoundBlock) -> Hidden:
    """The hidden layer of the block's MLP."""
    residual = found.residual
    step = residual.mlp_step or residual.attn_step
    if residual.mlp_out is None or step is None:
        return Hidden(None, None, "no MLP was found beside the attention" if residual.pre else "")
    return find_hidden(flow, before_same_values(flow, step.stream, quantised=True), residual.mlp_out)


def points_of(flow: Dataflow, found: FoundBlock, width: int | None, *, time_major: bool) -> BlockPoints:
    """Every point of a block whose tensor and axes are known, its sums, and what is lacking. time_major: positions come
    before batches in the stream."""
    filled = BlockPoints(flow, found.name, width, time_major)
    filled.fill(found.attentions, found.residual, hidden_of(flow, found))
    return filled


def span_of(flow: Dataflow, found: FoundBlock) -> BlockSpan | None:
    """Where the block begins and ends, for counting its weights; None if its residual stream was not found."""
    residual = found.residual
    if residual.pre is None:
        return None
    added = tuple(filter(None, (residual.attn_out, residual.cross_out)))
    made = [flow.graph.producer(name) for name in (*added, residual.mlp_out, residual.post) if name]
    last = max((node.index for node in made if node is not None), default=-1)
    return BlockSpan(found.name, residual.pre, added, residual.mlp_out, residual.post, last)
