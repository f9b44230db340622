"""The switch against means and lengths worked out here from the same model's token vectors."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from embstudio.gui.panels.prediction_panel import PredictionPanel
from embstudio.gui.pooling_switch import AS_FILES, NONE, PoolingSwitch
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import Pooling

pytestmark = pytest.mark.usefixtures("silent")

NUMBERS = "5 17 8 3"


@pytest.fixture
def bert(data: Path, tmp_path: Path) -> Path:
    shutil.copy(data / "bert-ts-sdpa" / "model.onnx", tmp_path)
    return tmp_path


def vectors(folder: Path) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    row = np.array([[int(number) for number in NUMBERS.split()]])
    feeds = {info.name: np.ones_like(row) for info in session.get_inputs()}
    feeds |= {name: row for name in feeds if name == "input_ids"} | {
        name: np.zeros_like(row) for name in feeds if "type" in name
    }
    return np.asarray(session.run(None, feeds)[0])[0].astype(np.float64)


def choose(switch: PoolingSwitch, mode: str | None) -> None:
    index = switch.ways.findData(mode)
    switch.ways.setCurrentIndex(index)
    switch.ways.activated.emit(index)


def test_nothing_is_claimed_until_a_way_is_chosen(
    bert: Path, open_model: Callable, theme: Theme, show: Callable
) -> None:
    panel = PredictionPanel(open_model(str(bert), NUMBERS), theme)
    show(panel, 900, 240)
    switch = panel.pooled
    assert switch.isVisible()
    assert switch.ways.currentText() == NONE
    assert not switch.length.isEnabled()
    assert not switch.bars.values.size
    choose(switch, "mean")
    assert switch.bars.values == pytest.approx(vectors(bert).mean(axis=0), abs=1e-5)
    assert "your choice" in switch.about.text()
    switch.length.setChecked(True)
    assert panel.studio.pooling == Pooling("mean", normalise=True)
    assert np.linalg.norm(switch.bars.values) == pytest.approx(1, abs=1e-6)
    assert "length 1.000" in switch.about.text()
    choose(switch, None)
    assert not switch.bars.values.size
    assert "pooled" not in panel.studio.trace


def test_the_files_beside_the_model_are_followed(
    bert: Path, open_model: Callable, theme: Theme, show: Callable
) -> None:
    (bert / "1_Pooling").mkdir()
    (bert / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls"}')
    kinds = ("Transformer", "Pooling", "Normalize")
    listed = [{"path": f"{n}_{kind}" if n else "", "type": f"a.{kind}"} for n, kind in enumerate(kinds)]
    (bert / "modules.json").write_text(json.dumps(listed))
    panel = PredictionPanel(open_model(str(bert), NUMBERS), theme)
    show(panel, 900, 240)
    first = vectors(bert)[0]
    assert panel.pooled.ways.currentText() == AS_FILES
    assert panel.pooled.length.isChecked()
    assert panel.pooled.bars.values == pytest.approx(first / np.linalg.norm(first), abs=1e-5)
    assert "made length 1" in panel.pooled.about.text()


def test_a_bar_stands_for_a_number_of_the_trace(bert: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = PredictionPanel(open_model(str(bert), NUMBERS), theme)
    show(panel, 900, 240)
    choose(panel.pooled, "max")
    bars = panel.pooled.bars
    largest = int(np.abs(bars.values).argmax())
    bars.hovered.emit(largest)
    probe = panel.studio.probe
    assert probe is not None
    assert probe.value(panel.studio.trace) == pytest.approx(vectors(bert).max(axis=0)[largest], abs=1e-5)
    # The largest bar reaches the end of the scale, on its own side of zero.
    image = bars.grab().toImage()
    x = int(bars.columns.centre(largest) - 0.1 * bars.columns.pitch)
    inside = bars.y_of(0.9 * bars.values[largest])
    assert image.pixelColor(x, int(inside)) == theme.colour("residual")
    assert image.pixelColor(x, int(bars.y_of(-0.9 * bars.values[largest]))) != theme.colour("residual")


def test_more_dimensions_than_pixels_keep_their_peaks(
    bert: Path, open_model: Callable, theme: Theme, show: Callable
) -> None:
    panel = PredictionPanel(open_model(str(bert), NUMBERS), theme)
    show(panel, 900, 240)
    bars = panel.pooled.bars
    values = np.zeros(8192)
    values[5000] = 1.0
    bars.set_values(values)
    image = bars.grab().toImage()
    y = int(bars.y_of(0.9))
    row = [x for x in range(image.width()) if image.pixelColor(x, y) == theme.colour("residual")]
    assert len(row) == 1
    assert row[0] == pytest.approx(bars.columns.centre(5000), abs=1.5)
