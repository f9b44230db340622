"""Writes docs/coverage.md: every model of the zoo opened, traced, and compared with what PyTorch computed.

    PYTHONPATH=. python docs/coverage.py ../shared/zoo

The zoo is a collection of real exports that is not part of the repository; `tests/session/test_coverage.py` holds the
same comparison against the same limits.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import onnx
import onnxruntime

from embstudio.session.verdict import scientific
from tests.zoo.case import ZooCase, zoo_cases
from tests.zoo.misses import CAUSES
from tests.zoo.outcome import Outcome, examine
from tests.zoo.recurrent import RecurrentCase, RecurrentOutcome, examine_recurrent, recurrent_cases

OUT = Path(__file__).parent / "coverage.md"
_PLAIN = ("ts-eager", "ts-sdpa", "dyn-eager", "dyn-sdpa", "dyn23-sdpa", "opt-tf4")
_HEAD = """# Which transformers are opened

Written by `docs/coverage.py`, from {count} models: {architectures} architectures in the ways people export them,
files as people deploy them, and models found in public repositories. The program knows none of them by name: what is
found is found by structure.

A model counts as **right** when every attention that PyTorch reports is found and no other, the attention patterns and
the residual stream are PyTorch's to 1e−4 (where the file computes in single precision), and the model's own numbers
hold against each other: q kᵀ = raw scores, softmax(scores) = pattern, rows sum to 1, pattern v = z, and each sum of
the stream adds up.

**{right} of {count} are right.** onnx {onnx}, onnxruntime {onnxruntime}, CPU.
"""
_RECURRENT = """## Recurrent models

Gates: the largest difference of a gate or state of the first layer from PyTorch's (Keras's: of h). Formulas: from what
the cell's formula makes of the weights that were read, in double precision. Laws: c = f c₋₁ + i g, h = o tanh(c),
h = (1 − z) n + z h₋₁, h = tanh(a), whichever apply, on the model's own numbers. A model of a fixed length has no
recurrent operator: its steps are written out, one for each token.
"""
_KEY = """
A number is the largest difference of an attention weight from PyTorch's. In parentheses: files in half precision, 8 or
4 bits, whose numbers are not PyTorch's; the number is how far they are from holding against themselves. – : no such
file. ✗ : see the misses below.
"""


def main() -> None:
    """Examine the zoo and write the page."""
    zoo = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/zoo")
    results = [(case, examine(case)) for case in zoo_cases(zoo)]
    right = [case for case, outcome in results if outcome.right(case.exact)]
    architectures = {case.architecture for case, _ in results if case.mode}
    lines = [
        _HEAD.format(count=len(results), architectures=len(architectures), right=len(right), onnx=onnx.__version__,
                     onnxruntime=onnxruntime.__version__),
        "## Architectures and exporters",
        _KEY,
        *_exports([(case, outcome) for case, outcome in results if case.mode]),
        "",
        "## As they are deployed, and as they are found",
        "",
        *_files([(case, outcome) for case, outcome in results if not case.mode]),
        "",
        "## Misses",
        "",
        *_misses(results),
    ]  # fmt: skip
    recurrent = [(case, examine_recurrent(case)) for case in recurrent_cases(zoo)]
    lines += ["", _RECURRENT, *_recurrent(recurrent)]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{OUT}: {len(right)} of {len(results)} right")


def _exports(results: list[tuple[ZooCase, Outcome]]) -> Iterator[str]:
    found = {(case.architecture, case.mode): _cell(case, outcome) for case, outcome in results}
    variants = sorted({mode.partition("+")[2] for _, mode in found if "+" in mode})
    yield "| architecture | layers × heads | " + " | ".join((*_PLAIN, *(f"+{variant}" for variant in variants))) + " |"
    yield "|---" * (2 + len(_PLAIN) + len(variants)) + "|"
    for architecture in dict.fromkeys(name for name, _ in found):
        size = next(_size(outcome) for case, outcome in results if case.architecture == architecture and outcome.layers)
        cells = [found.get((architecture, mode), "–") for mode in _PLAIN]
        for variant in variants:
            each = [
                cell for (name, mode), cell in found.items() if name == architecture and mode.endswith(f"+{variant}")
            ]
            cells.append(", ".join(each) or "–")
        yield f"| {architecture} | {size} | " + " | ".join(cells) + " |"


def _files(results: list[tuple[ZooCase, Outcome]]) -> Iterator[str]:
    yield "| file | steps | layers × heads | attention | stream | against itself | what was done to look inside |"
    yield "|---|---|---|---|---|---|---|"
    for case, outcome in results:
        steps = str(len(case.steps)) if case.steps else "opened only"
        done = " ".join(outcome.repairs) or "nothing"
        cells = (_cell(case, outcome), _number(outcome.stream) if case.exact else "–", _number(_own(outcome)))
        yield f"| {case.name} | {steps} | {_size(outcome)} | " + " | ".join((*cells, done)) + " |"


def _recurrent(results: list[tuple[RecurrentCase, RecurrentOutcome]]) -> Iterator[str]:
    yield "| file | layers | length | gates | formulas | laws |"
    yield "|---|---|---|---|---|---|"
    for case, outcome in results:
        laws = max((finding.worst for finding in outcome.findings), default=None)
        length = "any" if outcome.steps is None else str(outcome.steps)
        cells = [_number(outcome.gates), _number(outcome.formulas), _number(laws)] if outcome.right else ["✗"] * 3
        layers = "; ".join(outcome.layers) if not outcome.problem else f"onnxruntime refuses it: {outcome.problem}"
        yield f"| {case.name} | {layers} | {length} | " + " | ".join(cells) + " |"


def _misses(results: list[tuple[ZooCase, Outcome]]) -> Iterable[str]:
    missed = [(case, outcome) for case, outcome in results if not outcome.right(case.exact)]
    if not missed:
        return ["None."]
    return [f"- **{case.name}**: {CAUSES.get(case.name, outcome.problem or 'not known')}" for case, outcome in missed]


def _cell(case: ZooCase, outcome: Outcome) -> str:
    if not outcome.right(case.exact):
        return "✗"
    if case.exact and outcome.patterns is not None:
        return scientific(outcome.patterns)
    return f"({_number(_own(outcome))})" if outcome.findings else "no attention" if not outcome.layers else "right"


def _own(outcome: Outcome) -> float | None:
    return max((finding.worst for finding in outcome.findings), default=None)


def _number(value: float | None) -> str:
    return "–" if value is None else scientific(value)


def _size(outcome: Outcome) -> str:
    return f"{outcome.layers} × {outcome.heads or '?'}" if outcome.layers else "–"


if __name__ == "__main__":
    main()
