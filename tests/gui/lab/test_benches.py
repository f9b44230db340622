"""The list of benches: each is there, says what it is, and lies where the packaging looks for it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from embstudio.gui.panels.lab_panel import BENCHES, Bench

SPEC = Path(__file__).resolve().parents[3] / "embstudio.spec"


@pytest.mark.parametrize("bench", BENCHES, ids=[bench.name for bench in BENCHES])
def test_each_bench_is_a_page(bench: Bench) -> None:
    module = import_module(bench.module)
    assert issubclass(getattr(module, bench.page), QWidget)
    assert bench.tip
    assert module.__file__ is not None
    # What embstudio.spec packs, since no import of it is written anywhere.
    assert Path(module.__file__).match("embstudio/gui/panels/lab/*_page.py")


def test_the_packaging_names_the_benches() -> None:
    assert 'glob("*_page.py")' in SPEC.read_text(encoding="utf-8")


def test_no_two_benches_have_one_name() -> None:
    assert len({bench.name for bench in BENCHES}) == len(BENCHES)
