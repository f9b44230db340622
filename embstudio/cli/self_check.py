"""`embstudio check`: is this installation whole, and do its models still say what they said when they were trained?"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from embstudio import __version__
from embstudio.base import paths, system_libraries
from embstudio.base.errors import StudioError
from embstudio.base.examples import load_examples
from embstudio.modelfile import catalogue
from embstudio.modelfile.card import Check
from embstudio.modelfile.catalogue import ModelSource

if TYPE_CHECKING:
    from embstudio.session.runner import Runner

RESOURCES = (
    "icons/embstudio.png",
    "icons/embstudio.svg",
    "fonts/DejaVuSans.ttf",
    "fonts/DejaVuSans-Bold.ttf",
    "fonts/DejaVuSansMono.ttf",
)
BUNDLED = (
    "sentiment-lstm", "sentiment-gru", "sentiment-rnn", "sentiment-transformer", "next-word",
    "next-word-shared", "masked-word", "sentences", "words", "words-counted", "toy-rnn", "toy-lstm", "toy-attention",
)  # fmt: skip
PLATFORM_SECONDS = 60


@dataclass(frozen=True)
class Finding:
    """One thing looked at. state: "ok", "FAILED" (exit status 1) or "note" (worth knowing, nothing broken)."""

    state: str
    about: str
    words: str

    @property
    def failed(self) -> bool:
        return self.state == "FAILED"

    def __str__(self) -> str:
        return f"{self.state:<7}{self.about}: {self.words}"


def run_checks() -> Iterator[Finding]:
    """Everything, quickest first; each finding as soon as it is made."""
    frozen = ", packaged" if paths.is_frozen() else ""
    yield Finding("ok", "embstudio", f"{__version__}{frozen}")
    yield Finding("ok", "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield _resources()
    yield _examples()
    yield _settings_folder()
    yield from _providers()
    yield from _models()
    yield _window()


def _resources() -> Finding:
    absent = [name for name in RESOURCES if not (paths.resources_dir() / name).is_file()]
    if absent:
        return Finding("FAILED", "resources", f"missing in {paths.resources_dir()}: {', '.join(absent)}")
    return Finding("ok", "resources", f"icon and fonts in {paths.resources_dir()}")


def _examples() -> Finding:
    try:
        groups = load_examples(paths.resources_dir() / "examples.toml")
    except StudioError as error:
        return Finding("FAILED", "examples", str(error))
    return Finding("ok", "examples", f"{sum(len(group.examples) for group in groups)} sentences")


def _settings_folder() -> Finding:
    """Try to write where the settings go, or where their folder would be made; leaves nothing behind."""
    folder = paths.settings_file().parent
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            return Finding("ok", "settings", f"can be kept in {folder}")
    except OSError as error:
        return Finding("FAILED", "settings", f"cannot be kept in {folder}: {error.strerror}")


def _providers() -> Iterator[Finding]:
    from embstudio.session.execution.devices import installed_devices
    from embstudio.session.execution.way import title
    from embstudio.session.execution.wheels import installed_wheels, say_clash

    found = (title(each.provider) + (f" ({each.runs_on})" if each.runs_on else "") for each in installed_devices())
    wheels = installed_wheels()
    came = f", of {' '.join(wheels[0])}" if len(wheels) == 1 else ""
    yield Finding("ok", "providers", ", ".join(found) + came)
    if clash := say_clash(wheels):
        yield Finding("FAILED", "onnxruntime", clash)


def _models() -> Iterator[Finding]:
    present = {source.name: source for source in catalogue.bundled()}
    for name in BUNDLED:
        if name not in present:
            yield Finding("FAILED", name, f"missing in {paths.models_dir()}")
    for source in present.values():
        yield _model(source)


def _model(source: ModelSource) -> Finding:
    """Run a bundled model on its card's texts and compare with what was worked out at training time."""
    from embstudio.session.messages import ModelRef
    from embstudio.session.runner import Runner

    try:
        runner = Runner.open(ModelRef(source.path, source.tokenizer))
        if source.card_fault is not None:
            raise source.card_fault
        checks = source.card.checks if source.card else ()
        furthest = [_difference(runner, check) for check in checks]
    except StudioError as error:
        return Finding("FAILED", source.name, f"{error} {error.detail}".rstrip())
    if not checks:
        return Finding("FAILED", source.name, "its card holds no figures to check it against")
    for check, difference in zip(checks, furthest, strict=True):
        if not difference <= check.tolerance:
            return Finding("FAILED", source.name, f"{check.text!r} differs by {difference:.1e} from its card's figures")
    return Finding("ok", source.name, f"as when it was trained (largest difference {max(furthest):.1e})")


def _difference(runner: Runner, check: Check) -> float:
    """Largest difference between the output, at its last position, and the card's figures. Raises StudioError."""
    import numpy as np

    from embstudio.base.errors import TokenizerError
    from embstudio.session.messages import TraceRequest

    anatomy = runner.opened.anatomy
    point = next((point.name for point in anatomy.points if point.tensor == check.output), None)
    if point is None:
        raise StudioError("No point shows the output its card speaks of.", where=check.output)
    trace = runner.trace(TraceRequest(runner.opened.model, text=check.text, points=(point,)))
    ids = tuple(token.id for token in trace.tokens)
    if ids != check.ids:
        raise TokenizerError("Its tokenizer gives other ids than at training time.", where=f"{check.text!r}: {ids}")
    last = np.atleast_2d(trace[point].values)[-1, : len(check.last)].astype(np.float64)
    if len(last) != len(check.last):
        raise StudioError("Its output is narrower than its card says.", where=check.output)
    return float(np.abs(last - np.array(check.last)).max())


def _window() -> Finding:
    """Start Qt in a process of its own, since it aborts where it cannot load its platform plugin."""
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    asked = os.environ.get("QT_QPA_PLATFORM", "")
    blind = sys.platform.startswith("linux") and not has_display and not asked
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"} if blind else dict(os.environ)
    own = [sys.executable] if paths.is_frozen() else [sys.executable, "-m", "embstudio"]
    command = [*own, "--report-platform"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=PLATFORM_SECONDS)
    except subprocess.TimeoutExpired:
        return Finding("FAILED", "window", f"Qt did not start within {PLATFORM_SECONDS} seconds")
    if done.returncode == 0:
        name = done.stdout.strip()
        if blind:
            return Finding("note", "window", f"there is no display here to open it on; Qt starts without one ({name})")
        return Finding("ok", "window", f"Qt starts on {name}")
    missing = system_libraries.missing(system_libraries.ALWAYS + system_libraries.X11)
    if missing:
        return Finding("FAILED", "window", f"Qt cannot start. Try: {system_libraries.install_command(missing)}")
    said = [line for line in done.stderr.splitlines() if line.strip()]
    return Finding("FAILED", "window", "Qt cannot start: " + (said[0] if said else f"exit status {done.returncode}"))
