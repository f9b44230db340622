"""The tree of a model: what it counts is in the file, and its rows lead to where they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QTreeWidgetItem, QTreeWidgetItemIterator, QWidget
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.anatomy_panel import AnatomyPanel
from embstudio.gui.style.theme import Theme
from embstudio.modelfile.catalogue import bundled, find
from embstudio.session.execution.fallback import Fallback
from embstudio.session.execution.placement import Part, Placement
from embstudio.stepper.cursor import Place
from embstudio.studio import Studio
from tests.gui.conftest import OpenModel

Show = Callable[[Studio], AnatomyPanel]
FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE)

pytestmark = pytest.mark.usefixtures("silent")


@pytest.fixture
def panel(show: Callable[[QWidget, int, int], None], theme: Theme) -> Show:
    """panel(studio) is the panel on the screen, following that studio."""

    def make(studio: Studio) -> AnatomyPanel:
        made = AnatomyPanel(studio, theme)
        show(made, 320, 700)
        return made

    return make


def rows(panel: AnatomyPanel) -> Iterator[QTreeWidgetItem]:
    """Every row, from the top."""
    iterator = QTreeWidgetItemIterator(panel.tree)
    while item := iterator.value():
        yield item
        iterator += 1


def row(panel: AnatomyPanel, *path: str) -> QTreeWidgetItem:
    """The row under the rows of these names."""
    children = [panel.tree.topLevelItem(place) for place in range(panel.tree.topLevelItemCount())]
    for name in path:
        found = next(item for item in children if item.text(0) == name)
        children = [found.child(place) for place in range(found.childCount())]
    return found


def texts(item: QTreeWidgetItem) -> dict[str, str]:
    """What the rows beneath say."""
    return {item.child(place).text(0): item.child(place).text(1) for place in range(item.childCount())}


def click(qtbot: QtBot, panel: AnatomyPanel, item: QTreeWidgetItem) -> None:
    panel.tree.expandAll()
    panel.tree.scrollToItem(item)
    rect = panel.tree.visualItemRect(item)
    at = QPoint(rect.left() + 8, rect.center().y())  # its name; what other rows say may be wider than the panel
    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=at)


def number(text: str) -> int:
    return int(text.replace(",", ""))


def weights(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the floating-point initializers that have an axis."""
    initializers = onnx.load(path).graph.initializer
    return {each.name: tuple(each.dims) for each in initializers if each.data_type in FLOATS and each.dims}


@pytest.mark.parametrize("name", [source.name for source in bundled()])
def test_parameters_add_up_to_the_numbers_in_the_file(open_model: OpenModel, panel: Show, name: str) -> None:
    shown = panel(open_model(name))
    shapes = weights(find(name).path)
    total = row(shown, "Parameters")
    assert number(total.text(1)) == sum(int(np.prod(shape)) for shape in shapes.values())
    assert sum(map(number, texts(total).values())) == number(total.text(1))
    tables = [shape for shape in shapes.values() if len(shape) == 2]
    table = max(tables, key=lambda shape: shape[0])  # the vocabulary is longer than anything else
    assert row(shown, "Embedding").text(1) == f"{table[0]:,} × {table[1]}"


@pytest.mark.parametrize("name", [source.name for source in bundled()])
def test_inputs_and_outputs_are_the_graphs(open_model: OpenModel, panel: Show, name: str) -> None:
    shown, graph = panel(open_model(name)), onnx.load(find(name).path).graph
    assert list(texts(row(shown, "Inputs"))) == [each.name for each in graph.input]
    assert list(texts(row(shown, "Outputs"))) == [each.name for each in graph.output]
    assert texts(row(shown, "Inputs"))["input_ids"].startswith("int64 [")


@pytest.mark.parametrize("name", [source.name for source in bundled()])
def test_every_point_of_the_trace_has_its_row_with_its_axes(open_model: OpenModel, panel: Show, name: str) -> None:
    studio = open_model(name)
    shown = panel(studio)
    assert studio.trace is not None
    expected = {point: " × ".join(studio.trace[point].axes) for point in studio.trace.arrays}
    assert texts(row(shown, "Points")) == expected
    assert row(shown, "Points").text(1) == str(len(expected))


def test_a_click_on_a_head_goes_there_and_marks_it(open_model: OpenModel, panel: Show, qtbot: QtBot) -> None:
    studio = open_model("next-word")
    shown = panel(studio)
    token = studio.cursor.token
    assert len(texts(row(shown, "Layers", "layer 4"))) == 4
    click(qtbot, shown, row(shown, "Layers", "layer 4", "head 2"))
    assert studio.cursor.place == Place(token=token, layer=4, head=2)
    bold = [item for item in rows(shown) if item.font(0).bold()]
    assert bold == [row(shown, "Layers", "layer 4"), row(shown, "Layers", "layer 4", "head 2")]
    click(qtbot, shown, row(shown, "Layers", "layer 1"))
    assert studio.cursor.place == Place(token=token, layer=1, head=2)
    assert row(shown, "Layers", "layer 1", "head 2").font(0).bold()


def test_the_rows_follow_the_cursor_without_unfolding(open_model: OpenModel, panel: Show) -> None:
    studio = open_model("next-word")
    shown = panel(studio)
    unfolded = [item.text(0) for item in rows(shown) if item.isExpanded()]
    studio.cursor.move(layer=3, head=1)
    assert row(shown, "Layers", "layer 3", "head 1").font(0).bold()
    assert [item.text(0) for item in rows(shown) if item.isExpanded()] == unfolded


def test_a_click_elsewhere_moves_nothing(open_model: OpenModel, panel: Show, qtbot: QtBot) -> None:
    studio = open_model("next-word")
    shown = panel(studio)
    place = studio.cursor.place
    for item in (row(shown, "Embedding"), row(shown, "Points", "embed")):
        click(qtbot, shown, item)
    assert studio.cursor.place == place


def test_ctrl_c_copies_the_name_of_a_point(open_model: OpenModel, panel: Show, qtbot: QtBot) -> None:
    shown = panel(open_model("sentiment-lstm"))
    with qtbot.waitActive(shown):
        shown.activateWindow()
    click(qtbot, shown, row(shown, "Points", "lstm.0.forward.c"))
    shown.tree.setFocus()
    qtbot.keyClick(shown.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "lstm.0.forward.c"


def test_the_menu_copies_too(open_model: OpenModel, panel: Show, qtbot: QtBot) -> None:
    shown = panel(open_model("sentiment-lstm"))
    item = row(shown, "Points", "lstm.0.forward.h")
    click(qtbot, shown, item)
    shown.tree.customContextMenuRequested.emit(shown.tree.visualItemRect(item).center())
    menu = shown.findChild(QMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert QGuiApplication.clipboard().text() == "lstm.0.forward.h"


def test_a_recurrent_layer_says_what_the_node_says(open_model: OpenModel, panel: Show) -> None:
    shown = panel(open_model("sentiment-lstm"))
    graph = onnx.load(find("sentiment-lstm").path).graph
    node = next(node for node in graph.node if node.op_type == "LSTM")
    units = next(each.i for each in node.attribute if each.name == "hidden_size")
    layer = row(shown, "Recurrent layers", "LSTM 0")
    assert layer.text(1) == f"{units} units"
    _direction, gates, width = weights(find("sentiment-lstm").path)[node.input[1]]
    assert gates == 4 * units
    assert texts(layer)["input width"] == str(width)
    assert texts(layer)["activations"].lower() == "sigmoid, tanh, tanh"


def test_a_model_that_nobody_wrote_a_card_for(open_model: OpenModel, panel: Show, data: Path) -> None:
    path = data / "bert-ts-sdpa" / "model.onnx"
    shown = panel(open_model(path, "1 2 3"))
    layers = sum(node.op_type == "Softmax" for node in onnx.load(path).graph.node)
    assert row(shown, "Layers").text(1) == str(layers)
    assert number(row(shown, "Parameters").text(1)) == sum(int(np.prod(shape)) for shape in weights(path).values())


def test_another_model_replaces_the_tree(open_model: OpenModel, panel: Show) -> None:
    studio = open_model("next-word")
    shown = panel(studio)
    studio.open(find("sentiment-rnn"))
    names = [item.text(0) for item in rows(shown)]
    assert "RNN 0" in names
    assert "Layers" not in names


def test_a_click_on_a_point_shows_its_value_at_the_cursor(panel: Show, open_model: OpenModel, qtbot: QtBot) -> None:
    studio = open_model("sentiment-lstm", "The film was not good")
    shown = panel(studio)
    studio.cursor.move(token=3, unit=21)
    click(qtbot, shown, row(shown, "Points", "lstm.0.forward.f"))
    assert studio.probe is not None
    assert (studio.probe.point, studio.probe.index) == ("lstm.0.forward.f", (3, 21))


def attention_alone(path: Path) -> Path:
    """A model of one attention without an MLP."""
    node, d = onnx.helper.make_node, 4
    sizes = {"E": (9, d), **dict.fromkeys(("Q", "K", "V", "O"), (d, d))}
    weights = [onnx.numpy_helper.from_array(np.ones(size, np.float32), name) for name, size in sizes.items()]
    nodes = [
        node("Gather", ["E", "ids"], ["x"]), *(node("MatMul", ["x", name], [name.lower()]) for name in "QKV"),
        node("Transpose", ["k"], ["kT"], perm=[0, 2, 1]), node("MatMul", ["q", "kT"], ["s"]),
        node("Softmax", ["s"], ["p"], axis=-1), node("MatMul", ["p", "v"], ["z"]), node("MatMul", ["z", "O"], ["a"]),
        node("Add", ["x", "a"], ["y"]),
    ]  # fmt: skip
    ends = [
        onnx.helper.make_tensor_value_info("ids", onnx.TensorProto.INT64, ["batch", "pos"]),
        onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["batch", "pos", d]),
    ]
    graph = onnx.helper.make_graph(nodes, "g", ends[:1], ends[1:], weights)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_what_was_not_found_is_told_in_whole_sentences(open_model: OpenModel, panel: Show, tmp_path: Path) -> None:
    shown = panel(open_model(attention_alone(tmp_path / "model.onnx"), "1 2 3"))
    top = row(shown, "Points not found")
    (sentence,) = [top.child(place) for place in range(top.childCount())]
    assert sentence.text(0) == (
        "mlp.out, mlp.hidden: not found in the only block (no MLP was found beside the attention)."
    )
    top.setExpanded(True)
    shown.tree.scrollToItem(sentence)
    one_line = shown.tree.fontMetrics().height()
    wide = shown.tree.visualItemRect(sentence)
    assert wide.height() > 1.9 * one_line
    assert wide.right() <= shown.tree.viewport().width()
    shown.resize(900, 700)
    QGuiApplication.processEvents()
    assert shown.tree.visualItemRect(sentence).height() < 1.9 * one_line


def test_what_it_runs_on_by_part(open_model: OpenModel, panel: Show) -> None:
    studio = open_model("sentiment-transformer")
    assert studio.document is not None
    opened = studio.document.opened
    assert opened.placement is not None
    shown = row(panel(studio), "Runs on")
    assert shown.text(1) == "CPU"
    assert shown.toolTip(1) == f"CPU: all {opened.placement.total} operations"
    parts = {part.name: str(part.counts[0][1]) for part in opened.placement.parts}
    assert texts(shown) == parts


def test_several_providers_and_one_that_was_not_to_be_had(open_model: OpenModel, panel: Show) -> None:
    """Two that share a model, which takes a graphics card, and the reason that there is none."""
    studio = open_model("sentiment-transformer")
    assert studio.document is not None
    gpu, cpu = "CUDAExecutionProvider", "CPUExecutionProvider"
    shared = Placement(((gpu, 91), (cpu, 4)), (Part("layer 0", ((gpu, 44), (cpu, 4))),), (("Shape", 4),))
    why = Fallback("TensorrtExecutionProvider", gpu, "No library.", "Install it.")
    opened = replace(studio.document.opened, provider=gpu, placement=shared, fallback=why)
    studio.document = replace(studio.document, opened=opened)
    shown = row(panel(studio), "Runs on")
    assert shown.text(1) == "CUDA, CPU 4, not TensorRT"
    assert shown.isExpanded()
    assert texts(shown) == {"layer 0": "44, CPU 4", "Not on CUDA: 4 Shape.": "", str(why): ""}
