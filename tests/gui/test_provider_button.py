"""The button that says what the model runs on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from embstudio.gui.provider_button import COMPARE, ProviderButton
from embstudio.session.execution.devices import installed_devices
from embstudio.session.execution.way import CPU
from embstudio.studio import Notice
from tests.gui.conftest import OpenModel

Show = Callable[[QWidget, int, int], None]


def actions(button: ProviderButton) -> dict[str, QAction]:
    menu = QMenu(button)
    button.fill(menu)
    return {action.text(): action for action in menu.actions() if action.text()}


def test_it_says_what_ran_and_offers_what_there_is(open_model: OpenModel, show: Show, silent: None) -> None:
    studio = open_model("sentiment-transformer")
    button = ProviderButton(studio)
    show(button, 120, 24)
    assert button.text() == "CPU"
    assert "CPU: all" in button.toolTip()
    there = actions(button)
    processor = next(device.runs_on for device in installed_devices() if device.provider == CPU)
    assert f"CPU: {processor}" in there
    assert there["Chosen for you (CPU)"].isChecked()
    there["CPU, float16"].trigger()
    assert studio.provider == "cpu-fp16"
    assert button.text() == "CPU, float16"
    assert actions(button)["CPU, float16"].isChecked()


def test_a_provider_that_fell_back_is_named(open_model: OpenModel, show: Show, silent: None) -> None:
    studio = open_model("sentiment-lstm")
    button = ProviderButton(studio)
    show(button, 120, 24)
    studio.devices.choose(studio.devices.way.parse("qnn"))
    assert button.text() == "CPU, not QNN"
    assert "was built without it" in button.toolTip()
    assert actions(button)["QNN: not here"].isChecked()


def test_others_are_told_of_and_change_nothing(open_model: OpenModel, show: Show, silent: None) -> None:
    studio = open_model("sentiment-lstm")
    button = ProviderButton(studio)
    show(button, 120, 24)
    said: list[Notice] = []
    studio.noticed.connect(said.append)
    others = actions(button)["Not installed"].menu()
    assert isinstance(others, QMenu)
    offered = [action for action in others.actions() if not action.isSeparator()]
    offered[0].trigger()
    assert studio.provider == ""
    assert "embstudio add" in said[0].advice


def test_it_asks_for_the_comparison(open_model: OpenModel, show: Show, silent: None) -> None:
    button = ProviderButton(open_model("sentiment-lstm"))
    show(button, 120, 24)
    wanted: list[None] = []
    button.parity_wanted.connect(lambda: wanted.append(None))
    actions(button)[COMPARE].trigger()
    assert wanted == [None]
