"""The knobs of a bench: a field for each setting, made from a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QWidget,
)

from embstudio.gui.flow_layout import FlowRow

S = TypeVar("S")
Field = QSpinBox | QDoubleSpinBox | QComboBox | QCheckBox


@dataclass(frozen=True)
class Choice:
    """One of some words. name: of the setting, in all of these; tip: what it does, in plain words."""

    name: str
    label: str
    values: tuple[str, ...]
    tip: str


@dataclass(frozen=True)
class Whole:
    """A whole number from low to high."""

    name: str
    label: str
    low: int
    high: int
    tip: str


@dataclass(frozen=True)
class Part:
    """A number from low to high, with so many decimals."""

    name: str
    label: str
    low: float
    high: float
    step: float
    decimals: int
    tip: str


@dataclass(frozen=True)
class Switch:
    """Yes or no."""

    name: str
    label: str
    tip: str


Knob = Choice | Whole | Part | Switch


def _none_idle(_settings: Any) -> tuple[str, ...]:
    return ()


class Knobs(FlowRow, Generic[S]):
    """changed(): another value. `settings` are what they say.

    usual: the settings at first. idle(settings): the names of those knobs that then do nothing, and are grey.
    """

    changed = Signal()

    def __init__(
        self,
        usual: S,
        knobs: Sequence[Knob],
        idle: Callable[[S], Sequence[str]] = _none_idle,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._usual, self._idle, self._turning = usual, idle, True
        self.fields: dict[str, Field] = {}
        for knob in knobs:
            self._add(self._field(knob), knob)
        self.set_settings(usual)

    @property
    def settings(self) -> S:
        """What the knobs say."""
        return replace(self._usual, **{name: _value(field) for name, field in self.fields.items()})  # type: ignore[type-var]

    def set_settings(self, settings: S) -> None:
        """Turn the knobs, and say so once."""
        self._turning = True
        for name, field in self.fields.items():
            _set(field, getattr(settings, name))
        self._turning = False
        self._follow()

    def _field(self, knob: Knob) -> Field:
        field: Field
        if isinstance(knob, Choice):
            field = QComboBox(self)
            field.addItems(knob.values)
            field.currentIndexChanged.connect(lambda _: self._follow())
            return field
        if isinstance(knob, Switch):
            field = QCheckBox(knob.label, self)
            field.toggled.connect(lambda _: self._follow())
            return field
        if isinstance(knob, Whole):
            field = QSpinBox(self)
            field.setRange(knob.low, knob.high)
        else:
            field = QDoubleSpinBox(self)
            field.setDecimals(knob.decimals)
            field.setRange(knob.low, knob.high)
            field.setSingleStep(knob.step)
        field.setKeyboardTracking(False)
        field.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        field.valueChanged.connect(lambda _: self._follow())
        return field

    def _add(self, field: Field, knob: Knob) -> None:
        field.setObjectName(f"lab{knob.name.title().replace('_', '')}")
        field.setAccessibleName(knob.label)
        field.setToolTip(knob.tip)
        self.fields[knob.name] = field
        if isinstance(field, QCheckBox):  # has its label
            self.flow.addWidget(field)
            return
        pair = QWidget(self)
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        said = QLabel(knob.label, pair)
        said.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        said.setToolTip(knob.tip)
        said.setBuddy(field)
        row.addWidget(said)
        row.addWidget(field)
        self.flow.addWidget(pair)

    def _follow(self) -> None:
        if self._turning:
            return
        idle = self._idle(self.settings)
        for name, field in self.fields.items():
            field.setEnabled(name not in idle)
        self.changed.emit()


def _value(field: Field) -> str | bool | int | float:
    if isinstance(field, QComboBox):
        return field.currentText()
    return field.isChecked() if isinstance(field, QCheckBox) else field.value()


def _set(field: Field, value: Any) -> None:
    if isinstance(field, QComboBox):
        field.setCurrentText(value)
    elif isinstance(field, QCheckBox):
        field.setChecked(value)
    else:
        field.setValue(value)
