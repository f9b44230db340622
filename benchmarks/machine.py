"""What a figure was measured on, and how figures are written down."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path


def describe() -> str:
    """One line on the machine: processor, cores, system, Python."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def row(name: str, milliseconds: Sequence[float], target: str) -> str:
    """A line of a markdown table: median, p95 and largest of some times, beside what was aimed at."""
    return (
        f"| {name} | {statistics.median(milliseconds):.1f} | {percentile(milliseconds, 0.95):.1f} "
        f"| {max(milliseconds):.1f} | {target} |"
    )
