"""What opening a model found out about it, in one sentence and in lines. Imports nothing heavy: the window shows it."""

from __future__ import annotations

from embstudio.anatomy.anatomy import Anatomy
from embstudio.session.messages import Finding, Opened


def verdict(opened: Opened) -> str:
    """As "12 layers × 12 heads, verified to 2e−7", or what failed and where; "" where there is nothing to say."""
    what = _extent(opened.anatomy)
    broken = [finding for finding in opened.findings if not finding.holds]
    if broken:
        worst = max(broken, key=lambda finding: finding.worst)
        return f"{what}: {worst.law} does not hold at {worst.where}, it is off by {scientific(worst.worst)}"
    apart = [finding.worst for finding in opened.findings]
    apart += [opened.verified] if opened.verified is not None else []
    if apart:
        return f"{what}, verified to {scientific(max(apart))}"
    return f"{what}, not verified" if opened.anatomy.blocks else what


def law_line(finding: Finding) -> str:
    """As "pattern v = z: 12 times, to 6e−8"; "… off by 0.4 at blocks.3.attn" where it does not hold."""
    times = "once" if finding.places == 1 else f"{finding.places} times"
    if finding.holds:
        return f"{finding.law}: checked {times}, to {scientific(finding.worst)}"
    return f"{finding.law}: does not hold, off by {scientific(finding.worst)} at {finding.where}"


def scientific(value: float) -> str:
    """One digit and a power of ten, as plain text: 2e−7."""
    mantissa, _, exponent = f"{value:.0e}".partition("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−") if exponent else mantissa


def _extent(anatomy: Anatomy) -> str:
    if anatomy.blocks:
        heads = {attention.heads for block in anatomy.blocks for attention in block.attention}
        each = str(heads.pop()) if len(heads) == 1 and None not in heads else "?"
        return f"{_count(len(anatomy.blocks), 'layer')} × {each} head{'' if each == '1' else 's'}"
    if anatomy.recurrent:
        layers = {layer.layer for layer in anatomy.recurrent}
        return f"{_count(len(layers), 'layer')} × {anatomy.recurrent[0].units} units"
    if anatomy.kind == "embedding table":
        return ""
    # What could not be opened may hold some.
    return "no attention to show; see Anatomy" if anatomy.unrecognised else "no softmax attention in this model"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
