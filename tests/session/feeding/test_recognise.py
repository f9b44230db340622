"""The inputs of real exports keep their meaning when nothing is left of their names."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from embstudio.anatomy.reader import read
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.feeding.beside import Beside
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.slots import Role, Side, Slot
from embstudio.session.rewrite.open_up import open_up
from embstudio.session.rewrite.tensor_names import subgraphs
from tests.conftest import ZOO

FILES = [path.relative_to(ZOO) for pattern in ("*/model.onnx", "_deployed/*/model.onnx", "_public/*.onnx")
         for path in sorted(ZOO.glob(pattern))]  # fmt: skip


def slots(model: onnx.ModelProto, folder: Path) -> tuple[Slot, ...]:
    graph = graph_of(open_up(model, folder).model, folder)
    return Feeder(graph, read(graph), Beside.of(folder / "model.onnx")).slots


def without_names(model: onnx.ModelProto) -> tuple[onnx.ModelProto, dict[str, str]]:
    """The model with inputs x0, x1, …, outputs y0, y1, … and lengths d0, d1, …; and who was who."""
    renamed = onnx.ModelProto()
    renamed.CopyFrom(model)
    weights = {tensor.name for tensor in renamed.graph.initializer}
    inputs = [value.name for value in renamed.graph.input if value.name not in weights]
    names = {name: f"x{place}" for place, name in enumerate(inputs)}
    names |= {value.name: f"y{place}" for place, value in enumerate(renamed.graph.output)}
    lengths: dict[str, str] = {}

    def rename(graph: onnx.GraphProto) -> None:
        for node in graph.node:
            node.input[:] = [names.get(name, name) for name in node.input]
            node.output[:] = [names.get(name, name) for name in node.output]
            for inner in subgraphs(node):
                rename(inner)
        for value in graph.output:
            value.name = names.get(value.name, value.name)

    rename(renamed.graph)
    for value in (*renamed.graph.input, *renamed.graph.output):
        value.name = names.get(value.name, value.name)
        for size in value.type.tensor_type.shape.dim:
            if size.dim_param:
                size.dim_param = lengths.setdefault(size.dim_param, f"d{len(lengths)}")
    return renamed, names


def meaning(slot: Slot, names: dict[str, str]) -> tuple:
    cache = slot.cache
    layout = (
        (cache.sizes, cache.batch, cache.grows, names.get(cache.present, cache.present), cache.cross) if cache else ()
    )
    return slot.role, slot.side, slot.hidden, layout


@pytest.mark.zoo
@pytest.mark.parametrize("file", FILES, ids=str)
def test_no_name_is_needed(zoo: Path, file: Path) -> None:
    model = onnx.load(zoo / file, load_external_data=False)
    renamed, names = without_names(model)
    folder = (zoo / file).parent
    before, after = slots(model, folder), slots(renamed, folder)
    assert [meaning(slot, names) for slot in before] == [meaning(slot, {}) for slot in after]


@pytest.mark.zoo
def test_a_decoder_with_the_encoders_keys_in_a_cache(zoo: Path) -> None:
    folder = zoo / "_deployed" / "opt-s2s-t5-withpast"
    by_name = {slot.name: slot for slot in slots(onnx.load(folder / "model.onnx"), folder)}
    own, other = by_name["past_key_values.1.decoder.value"].cache, by_name["past_key_values.1.encoder.value"].cache
    assert own is not None
    assert other is not None
    assert (own.sizes, own.grows, own.present, own.cross) == ((None, 4, None, 8), 2, "present.1.decoder.value", False)
    assert (other.grows, other.present, other.cross) == (2, "", True)
    assert by_name["encoder_attention_mask"].side is Side.SOURCE
    assert by_name["input_ids"].side is Side.TARGET


@pytest.mark.zoo
def test_keys_and_values_in_one_cache(zoo: Path) -> None:
    folder = zoo / "_public"
    first = next(slot for slot in slots(onnx.load(folder / "gpt2_past.onnx"), folder) if slot.role is Role.CACHE)
    assert first.cache is not None
    assert (first.cache.sizes, first.cache.batch, first.cache.grows) == ((2, None, 2, None, 2), 1, 3)
    assert first.cache.shape(1, 0) == (2, 1, 2, 0, 2)
    assert first.cache.present == "present_0"
