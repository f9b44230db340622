"""An anatomy for reading, and the same as data with stable keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from embstudio.anatomy.anatomy import Anatomy, Attention, Block, PointSource, RecurrentLayer, TensorInfo
from embstudio.anatomy.cells.say import say_cell
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.execution.placement import Placement, say_part, say_placement
from embstudio.session.messages import Opened
from embstudio.session.verdict import law_line, verdict
from embstudio.trace.points import parse

FORMAT = "embstudio anatomy"
VERSION = 1


def as_data(source: ModelSource, opened: Opened) -> dict[str, Any]:
    """Everything that `as_lines` says, for programs. docs/command-line.md lists the keys."""
    anatomy, tokenizer = opened.anatomy, opened.tokenizer
    return {
        "format": FORMAT,
        "version": VERSION,
        "model": str(source.path),
        "name": source.name or None,
        "title": source.title,
        "kind": anatomy.kind,
        "provider": opened.provider,
        "placement": _placement_data(opened.placement),
        "fallback": asdict(opened.fallback) if opened.fallback else None,
        "devices": [asdict(device) for device in opened.devices],
        "verified": opened.verified,
        "inputs": [asdict(tensor) for tensor in anatomy.inputs],
        "outputs": [asdict(tensor) for tensor in anatomy.outputs],
        "ids_input": anatomy.ids_input,
        "embeddings": [asdict(table) for table in anatomy.embeddings],
        "blocks": [asdict(block) for block in anatomy.blocks],
        "recurrent": [_recurrent_data(layer) for layer in anatomy.recurrent],
        "head": asdict(anatomy.head) if anatomy.head else None,
        "max_positions": anatomy.max_positions,
        "parameters": anatomy.parameters,
        "opset": anatomy.opset,
        "tokenizer": {
            "path": str(tokenizer.path),
            "kind": tokenizer.kind,
            "vocabulary": len(tokenizer.vocabulary),
            "notes": list(tokenizer.notes),
        }
        if tokenizer
        else None,
        "pooling": {**asdict(opened.pooling), "steps": list(opened.pooling_steps)} if opened.pooling else None,
        "unrecognised": list(anatomy.unrecognised),
        "missing": list(anatomy.missing),
        "sums": [asdict(each) for each in anatomy.sums],
        "notes": list(opened.notes),
        "repairs": list(opened.repairs),
        "findings": [asdict(finding) for finding in opened.findings],
        "points": [
            {"name": point.name, "axes": list(point.axes), "meaning": parse(point.name).kind.meaning}
            for point in anatomy.points
        ],
    }


def _placement_data(placement: Placement | None) -> dict[str, Any] | None:
    if placement is None:
        return None
    return {
        "operations": dict(placement.counts),
        "elsewhere": dict(placement.elsewhere),
        "parts": [{"name": part.name, "operations": dict(part.counts)} for part in placement.parts],
    }


def _placement(opened: Opened) -> Iterator[str]:
    """By part, where more than one provider has a share, and why another than the one asked for."""
    if opened.fallback is not None:
        yield str(opened.fallback)
    if opened.placement is not None and opened.placement.mixed:
        yield from (f"{part.name}: {say_part(part)}" for part in opened.placement.parts)
        yield "not on the first: " + ", ".join(f"{count} {name}" for name, count in opened.placement.elsewhere)


def _recurrent_data(layer: RecurrentLayer) -> dict[str, Any]:
    """A layer without the tensors of its steps. written_out: None for an operator of its own."""
    cell = layer.cell
    written_out = {"operator": cell.operator or None, "steps": cell.steps, "notes": list(cell.notes)} if cell else None
    data = asdict(replace(layer, cell=None))
    del data["cell"]
    return data | {"written_out": written_out}


def as_lines(source: ModelSource, opened: Opened) -> Iterator[str]:
    """The anatomy as a person reads it, a section at a time."""
    anatomy = opened.anatomy
    yield f"{source.title}: {anatomy.kind}"
    yield f"  {source.path}"
    yield f"  runs on {say_placement(opened.placement) or opened.provider}"
    if found := verdict(opened):
        yield f"  {found}"
    yield from _section("Runs on", _placement(opened))
    yield from _section("Inputs", map(_tensor, anatomy.inputs))
    yield from _section("Outputs", map(_tensor, anatomy.outputs))
    yield from _section("Embedding tables", _embeddings(anatomy))
    yield from _section("Blocks", _blocks(anatomy.blocks))
    yield from _section("Recurrent layers", _recurrent(anatomy))
    yield from _section("Output head", _head(anatomy))
    yield from _section("Parameters", (f"{name:<24} {count:>14,}" for name, count in anatomy.parameters.items()))
    yield from _section("Tokenizer", _tokenizer(opened))
    yield from _section("Sentence vectors (point pooled)", opened.pooling_steps)
    yield from _section("Not recognised", anatomy.unrecognised)
    yield from _section("Points not found", anatomy.missing)
    yield from _section("Opened up", opened.repairs)
    yield from _section("Checked", map(law_line, opened.findings))
    yield from _section("Notes", (note for note in opened.notes if note != str(opened.fallback)))
    yield from _section("Points", map(_point, anatomy.points))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    body = list(lines)
    if body:
        yield ""
        yield title
        yield from (f"  {line}" for line in body)


def _tensor(tensor: TensorInfo) -> str:
    shape = ", ".join("?" if size is None else str(size) for size in tensor.shape)
    return f"{tensor.name}: {tensor.dtype} [{shape}]"


def _embeddings(anatomy: Anatomy) -> Iterator[str]:
    for table in anatomy.embeddings:
        stored = f", stored in {table.quantised.bits} bits" if table.quantised else ""
        yield f"{table.initializer}: {table.role}, {table.rows:,} rows of {table.width}, by {table.ids_input}{stored}"
    if anatomy.max_positions is not None:
        yield f"positions are learned: at most {anatomy.max_positions:,} tokens"


def _attention(attention: Attention) -> str:
    heads, kv_heads, d_head = (
        "?" if n is None else str(n) for n in (attention.heads, attention.kv_heads, attention.d_head)
    )
    whose = "" if attention.keys_of is None else f", keys and values of block {attention.keys_of}"
    return (
        f"{attention.kind} attention, {heads} heads, {kv_heads} kv_heads, d_head {d_head} ({attention.operator}){whose}"
    )


def _parts(block: Block) -> str:
    hidden = (f"MLP of {block.d_mlp:,} hidden units",) if block.d_mlp else ()
    return "; ".join((*map(_attention, block.attention), *hidden))


def _blocks(blocks: tuple[Block, ...]) -> Iterator[str]:
    """One line for a run of layers that are alike."""
    for (stack, words), alike in groupby(blocks, lambda block: (block.stack, _parts(block))):
        layers = [block.layer for block in alike]
        span = str(layers[0]) if len(layers) == 1 else f"{layers[0]}-{layers[-1]}"
        yield f"{stack + ' ' if stack else ''}{span}: {words}"


def _recurrent(anatomy: Anatomy) -> Iterator[str]:
    for layer in anatomy.recurrent:
        directions = " and ".join(layer.directions)
        activations = ", ".join(name or "another activation" for name in layer.activations)
        yield (
            f"{layer.layer}: {layer.kind.upper()}, {directions}, {layer.units} units, "
            f"input width {layer.input_width or '?'} ({activations})"
        )
        yield from (f"   {sentence}" for sentence in say_cell(layer))


def _head(anatomy: Anatomy) -> Iterator[str]:
    if anatomy.head:
        width = "?" if anatomy.head.width is None else f"{anatomy.head.width:,}"
        last = ", for the last position alone" if anatomy.head.last_only else ""
        yield f"{anatomy.head.kind}: {anatomy.head.output}, width {width}{last}"


def _tokenizer(opened: Opened) -> Iterator[str]:
    if opened.tokenizer is None:
        yield "none found beside the model: use --ids or --feeds"
        return
    yield f"{opened.tokenizer.kind}, {len(opened.tokenizer.vocabulary):,} entries, {opened.tokenizer.path}"
    yield from opened.tokenizer.notes


def _point(point: PointSource) -> str:
    return f"{point.name:<32} [{', '.join(point.axes)}]"
