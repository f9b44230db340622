"""Which hardware the providers of this installation run on, by name where the system tells."""

from __future__ import annotations

import platform
import re
import sys
from functools import cache
from pathlib import Path

import onnxruntime

from embstudio.session.execution.installed import Device
from embstudio.session.execution.way import CPU, SUFFIX

_NVIDIA = tuple(f"{name}{SUFFIX}" for name in ("CUDA", "Tensorrt", "NvTensorRTRTX"))


@cache
def installed_devices() -> tuple[Device, ...]:
    """In onnxruntime's order, the CPU last."""
    told = _told()
    return tuple(Device(name, _runs_on(name, told)) for name in onnxruntime.get_available_providers())


def _runs_on(provider: str, told: dict[str, list[str]]) -> str:
    if told.get(provider):
        return ", ".join(dict.fromkeys(told[provider]))
    if provider == CPU:
        return _processor()
    if provider in _NVIDIA:
        return ", ".join(dict.fromkeys(_nvidia_cards()))
    return ""


def _told() -> dict[str, list[str]]:
    """What onnxruntime itself says of the devices. Its own processor has no name on most systems."""
    found: dict[str, list[str]] = {}
    for each in getattr(onnxruntime, "get_ep_devices", list)():
        hardware = each.device
        name = hardware.metadata.get("Description") or each.ep_metadata.get("device_name") or ""
        if name:
            found.setdefault(each.ep_name, []).append(name.strip())
    return found


def _processor() -> str:
    """As the system calls it."""
    if sys.platform.startswith("linux"):
        try:
            line = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
        except OSError:
            line = None
        if line:
            return line[1].strip()
    return platform.processor() or platform.machine()


def _nvidia_cards() -> list[str]:
    """As the driver of Linux lists them."""
    found = []
    for file in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        try:
            line = re.search(r"^Model:\s*(.+)$", file.read_text(encoding="utf-8", errors="replace"), re.M)
        except OSError:
            continue
        if line:
            found.append(line[1].strip())
    return found
