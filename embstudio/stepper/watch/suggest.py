"""What could have been meant by a name that does not exist, and which points there are, in few words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

MOST = 3
LONG_SUMMARY = 12  # groups of points that are listed before the rest is counted


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The known names most like a name, at most three: those it begins, then those that look like it."""
    known = list(dict.fromkeys(known))
    begun = sorted((each for each in known if name and each.startswith(name)), key=len)
    alike = get_close_matches(name, known, MOST, 0.6)
    return list(dict.fromkeys((*begun, *alike)))[:MOST]


def advice(name: str, known: Iterable[str]) -> str:
    """A sentence with what could have been meant; empty where nothing is near."""
    near = nearest(name, known)
    return f"Did you mean {' or '.join(near)}?" if near else ""


def summary(points: Iterable[str]) -> str:
    """The points of a model, layers and parts put together: `blocks.0–3.attn.{k, q, v}`."""
    groups: dict[str, tuple[list[int], list[str]]] = {}
    for name in points:
        stem, _, part = name.rpartition(".")
        layer = re.search(r"\.(\d+)", stem)
        key = re.sub(r"\.\d+", ".#", stem, count=1)
        layers, parts = groups.setdefault(key, ([], []))
        if layer and int(layer[1]) not in layers:
            layers.append(int(layer[1]))
        if part not in parts:
            parts.append(part)
    told = [_told(stem, *group) for stem, group in groups.items()]
    more = len(told) - LONG_SUMMARY
    return ", ".join(told[:LONG_SUMMARY]) + (f" and {more} more" if more > 0 else "")


def _told(stem: str, layers: list[int], parts: list[str]) -> str:
    if not stem:
        return ", ".join(parts)
    first, last = min(layers, default=0), max(layers, default=0)
    numbered = stem.replace("#", str(first) if first == last else f"{first}–{last}")
    return f"{numbered}.{parts[0]}" if len(parts) == 1 else f"{numbered}.{{{', '.join(parts)}}}"
