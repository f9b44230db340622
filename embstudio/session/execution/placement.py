"""Which provider runs how many of a model's operations, and which of its parts. Data only: the window holds it."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.session.execution.way import title


@dataclass(frozen=True)
class Part:
    """counts: (provider, operations), the most first, of one part of the model: "embedding", "layer 3", "output"."""

    name: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Placement:
    """counts: (provider, operations), the most first, as onnxruntime divided the graph after its first
    simplifications. parts: the same by the model's parts, as far as its operations have names.

    elsewhere: (operator, count) of those that do not run on the provider with most.
    """

    counts: tuple[tuple[str, int], ...]
    parts: tuple[Part, ...] = ()
    elsewhere: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        return sum(count for _provider, count in self.counts)

    @property
    def mixed(self) -> bool:
        """Whether more than one provider has a share."""
        return len(self.counts) > 1

    def of(self, provider: str) -> int:
        """How many operations a provider runs."""
        return dict(self.counts).get(provider, 0)


def say_placement(placement: Placement | None) -> str:
    """As "CUDA: all 574 operations" or "CUDA: 561 operations, CPU: 13"; "" where it is not known."""
    if placement is None or not placement.total:
        return ""
    if not placement.mixed:
        ((provider, count),) = placement.counts
        return f"{title(provider)}: all {count:,} operations" if count > 1 else f"{title(provider)}: its one operation"
    (first, most), *rest = placement.counts
    return ", ".join((f"{title(first)}: {most:,} operations", *(f"{title(each)}: {count:,}" for each, count in rest)))


def say_part(part: Part) -> str:
    """As "CUDA 46" or "CUDA 40, CPU 6"."""
    return ", ".join(f"{title(provider)} {count:,}" for provider, count in part.counts)
