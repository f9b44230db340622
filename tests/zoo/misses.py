"""The models of the zoo that are not opened rightly, each with its cause. A test holds the list: none too many."""

from __future__ import annotations

CAUSES: dict[str, str] = {}
