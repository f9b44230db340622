"""What the scaling calculator says: where weights are, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from embstudio.anatomy.model_shape import Compared
from embstudio.formulas.scaling import costs
from embstudio.formulas.scaling.known_shapes import Shape
from embstudio.formulas.scaling.recurrent_shape import GATES, RecurrentShape, recurrent_parameters
from embstudio.formulas.scaling.transformer_shape import GATED, TransformerShape, parameters, total, used_parameters
from embstudio.gui.panels.lab.fact_table import Fact
from embstudio.gui.panels.lab.scaling_knobs import Use
from embstudio.gui.style.large_numbers import bytes_of, duration, operations_of, short

TERA = 1e12
BILLION = 1e9


def counts_of(shape: Shape) -> dict[str, int]:
    """Weights by component."""
    return parameters(shape) if isinstance(shape, TransformerShape) else recurrent_parameters(shape)


def size_of(shape: Shape) -> int:
    """All weights."""
    return sum(counts_of(shape).values())


def headline(shape: Shape, published: int | None) -> str:
    """The number everybody asks for."""
    count = size_of(shape)
    said = f"{short(count)} parameters ({count:,})"
    if published is not None:
        same = "as published" if published == count else f"published: {published:,}"
        said += f", {same}"
    if isinstance(shape, TransformerShape) and used_parameters(shape) != count:
        said += f"; a token uses {short(used_parameters(shape))}"
    memory = ", ".join(
        f"{name.split()[0]} {bytes_of(each * count)}" for name, each in costs.BYTES.items() if name != "int4"
    )
    return f"{said}. Memory: {memory}."


def formulas_of(shape: Shape) -> dict[str, str]:
    """How the number of each component comes about."""
    if isinstance(shape, RecurrentShape):
        gates = GATES[shape.kind]
        way = f"{gates} gate{'s' if gates > 1 else ''} × (units · (inputs + units) + {shape.biases} · units)"
        return {
            "embedding": f"{shape.vocabulary:,} words × {shape.d_embedding:,}",
            "recurrent": f"{way}, {shape.directions} direction{'s' if shape.both_ways else ''}, {shape.layers} layers",
            "head": f"{shape.outputs:,} outputs" + ("" if shape.tied else f" × {shape.states:,} states"),
        }
    d, m, layers = shape.d_model, shape.hidden, "+".join(map(str, shape.own_layers))
    keys = f"{d:,} × {shape.d_keys:,}"
    queries = f"{d:,} × {shape.d_attention:,}"
    once = "once for all layers" if shape.shared_kv else "in each"
    return {
        "embedding": f"{shape.vocabulary:,} tokens × {shape.width_in:,}",
        "positions": f"{shape.positions:,} places × {shape.width_in:,}"
        if shape.positions
        else "relative places × heads",
        "segments": f"{shape.segments} × {shape.width_in:,}",
        "attention": f"{layers} layers × (queries {queries} + output {shape.d_attention:,} × {d:,}); keys {keys} and "
        f"values {keys} {once}",
        "mlp": f"{layers} layers × {3 if shape.mlp == GATED else 2} matrices of {d:,} × {m:,}"
        + (f" × {shape.experts} experts" if shape.experts > 1 else ""),
        "norm": f"{layers} layers × {shape.norms} × {shape.one_norm:,}, and those outside the layers",
        "head": shape.head,
    }


def doubling(shape: Shape) -> str:
    """What becomes of the number where something is twice as large."""
    count = size_of(shape)
    if isinstance(shape, RecurrentShape):
        twice = {
            "units": replace(shape, units=2 * shape.units, tied=False),
            "embedding width": replace(shape, d_embedding=2 * shape.d_embedding, tied=False),
            "layers": replace(shape, layers=2 * shape.layers),
            "vocabulary": replace(shape, vocabulary=2 * shape.vocabulary),
        }
        said = ", ".join(f"{name} × {size_of(each) / count:.2f}" for name, each in twice.items())
        return f"Twice as much of: {said}."
    wide = replace(shape, d_model=2 * shape.d_model, heads=2 * shape.heads, kv_heads=2 * shape.kv_heads,
                   d_mlp=2 * shape.d_mlp, d_embedding=2 * shape.d_embedding)  # fmt: skip
    blocks = _blocks(wide) / max(1, _blocks(shape))
    others = {
        "layers": replace(shape, layers=2 * shape.layers, encoder_layers=2 * shape.encoder_layers,
                          distinct=2 * shape.distinct),
        "vocabulary": replace(shape, vocabulary=2 * shape.vocabulary),
    }  # fmt: skip
    said = ", ".join(f"{name} × {total(each) / count:.2f}" for name, each in others.items())
    return (
        f"Twice as wide (d_model, and all that goes with it): × {total(wide) / count:.2f} in all, × {blocks:.2f} in "
        "the layers, whose matrices have width times width numbers: quadratic, not exponential. Twice as much of: "
        f"{said}."
    )


def _blocks(shape: TransformerShape) -> int:
    counts = parameters(shape)
    return counts.get("attention", 0) + counts.get("mlp", 0)


def difference_words(rows: Sequence[Compared]) -> str:
    """Whether the file holds what the formula says, and why not."""
    whole = rows[-1]
    if not any(row.surplus for row in rows):
        return f"The file holds {whole.file:,} weights: in every component as many as the formula says."
    gap = f"{whole.surplus:+,}".replace("-", "−")
    said = [f"The file holds {whole.file:,} weights, {gap} beside the formula's {whole.formula:,}."]
    for row in rows[:-1]:
        if row.surplus:
            said.append(f"{row.component}: {f'{row.surplus:+,}'.replace('-', '−')}{', ' + row.why if row.why else ''}.")
    return " ".join(said)


# What it costs ---------------------------------------------------------------------------------------------------


def cost_facts(shape: Shape, use: Use) -> list[Fact]:
    """Bytes, operations and time."""
    count = size_of(shape)
    facts = [
        Fact((f"weights, {name}", f"{each:g} bytes each", bytes_of(each * count)), f"{each * count:,.0f} bytes")
        for name, each in costs.BYTES.items()
    ]
    if isinstance(shape, TransformerShape):
        facts.append(_cache_fact(shape, use))
    trained = sum(costs.TRAINED_WHOLE) * count
    facts.append(Fact(
        ("training with Adam", "16 bytes each: weights, gradients, 2 means", bytes_of(trained)),
        "fp32: 4 bytes each for weights, gradients and Adam's two means. Mixed precision is 16 too: 2 + 2 in fp16, and "
        f"4 + 4 + 4 in fp32 (Rajbhandari et al. 2020). {trained:,.0f} bytes",
    ))  # fmt: skip
    if isinstance(shape, TransformerShape):
        kept = costs.activation_bytes(shape, use.context, use.batch)
        facts.append(Fact(
            ("activations of a step, fp16", "layers · s·b·h·(34 + 5·a·s/h)", bytes_of(kept)),
            "What is kept for the way back, nothing worked out anew (Korthikanti et al. 2022, equation 2), of standard "
            f"blocks with d_mlp = 4 d_model: s tokens, b texts, h d_model, a heads. {kept:,.0f} bytes",
        ))  # fmt: skip
    return [*facts, *_operation_facts(shape, use, count)]


def _cache_fact(shape: TransformerShape, use: Use) -> Fact:
    if not shape.is_causal:
        return Fact(("keys and values kept", "an encoder reads at once and writes nothing", "none"))
    kept = costs.cache_bytes(shape, use.context, use.batch, 2)
    layers = 1 if shape.shared_kv else shape.layers
    return Fact(
        ("keys and values kept, fp16",
         f"2 · {layers} layers · {shape.d_keys:,} · {use.context:,} tokens · {use.batch} texts", bytes_of(kept)),
        f"The cache while text is written, 2 bytes a number: {kept:,.0f} bytes"
        + ("; those of as many tokens of the encoder too" if shape.crossings else ""),
    )  # fmt: skip


def _operation_facts(shape: Shape, use: Use, count: int) -> list[Fact]:
    facts = []
    if isinstance(shape, TransformerShape):
        found = costs.forward_operations(shape, use.context)
        kaplan = costs.kaplan_operations(shape, use.context)
        used = used_parameters(shape)
    else:
        found, used = costs.recurrent_operations(shape), count
    parts = ", ".join(f"{name} {operations_of(each)}" for name, each in found.by_component.items())
    facts.append(
        Fact(("forward, a token", parts, operations_of(found.total)), f"{parts}\n{found.total:,.0f} operations")
    )
    if isinstance(shape, TransformerShape):
        facts.append(Fact(
            ("  by Kaplan et al.", "2N + 2 · layers · context · d_attention", operations_of(kaplan)),
            "N without embeddings and without the output's matrix (Kaplan et al. 2020, table 1)",
        ))  # fmt: skip
    facts.append(
        Fact(
            ("  by 2N", "N of all parameters that a token meets", operations_of(2.0 * used)), f"{2 * used:,} operations"
        )
    )
    tokens = use.tokens * BILLION
    work = costs.training_operations(used, tokens)
    exact = 3 * found.total * tokens
    facts.append(
        Fact(("training, 6 N D", f"{short(tokens)} tokens", operations_of(work)), f"C ≈ 6 N D = {work:.6g} operations")
    )
    facts.append(
        Fact(("  by 3 forward passes", "once forward, twice backward", operations_of(exact)), f"{exact:.6g} operations")
    )
    peak, share = use.peak * TERA, use.reached / 100
    time = costs.seconds(work, peak, share, use.machines)
    how = f"{use.machines:,} × {use.peak:g} TFLOP/s at {use.reached:g} %"
    facts.append(Fact(("time to train", how, duration(time)), f"6 N D / ({how}) = {time:,.0f} s"))
    return facts
