"""The providers that there are here, with the devices they run on. `Device` is data that the window holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """A provider, as onnxruntime calls it, and what it runs on in the words of the system; "" where nobody tells."""

    provider: str
    runs_on: str = ""
