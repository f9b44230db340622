"""What is said of a comparison, in sentences."""

from __future__ import annotations

import numpy as np

from embstudio.gui.panels.space.compare_run import Compared
from embstudio.gui.style.numbers import four, percent
from embstudio.space.comparison import Comparison


def shared_words(compared: Compared) -> str:
    """How many are shared."""
    found, shared, what = compared.comparison, compared.comparison.shared, kind_of(compared)
    said = [f"{len(shared):,} {what} in both, {shared.only_first:,} only in A, {shared.only_second:,} only in B."]
    if found.is_sample:
        said.append(f"{len(found.words):,} of them, drawn at random, are compared: more do not fit into memory.")
    if found.special:
        kind = (
            "is left out: a special token, no word" if found.special == 1 else "are left out: special tokens, no words"
        )
        said.append(f"{found.special:,} {kind}.")
    if found.unusable:
        said.append(f"{found.unusable:,} are left out: they have no finite vector in both.")
    if shared.unmarked:
        said.append(shared.unmarked)
    return " ".join(said)


def kind_of(compared: Compared) -> str:
    """What it is that is compared, in a word."""
    return "words" if compared.asked.made is None else "texts"


def overlap_words(compared: Compared, prepared: str) -> str:
    """Whether neighbours are the same. prepared: what was done to the vectors; "" for nothing."""
    found = compared.comparison
    done = prepared or "as they are"
    fewer = ""
    if found.count < compared.asked.count:
        fewer = f", not {compared.asked.count}: a third of so few"
    said = (
        f"Of the {found.count} nearest{fewer}, by {found.metric} (vectors {done}), "
        f"{percent(float(found.overlap.mean()))} are the same in A and B; by chance {share(found.by_chance)}."
    )
    if len(found.asked) < len(found.words):
        said += (
            f" Compared for {len(found.asked):,} of {len(found.words):,}, a random sample ({compared.extent.value}); "
            f"standard error {share(found.overlap_error)}."
        )
    return said


def aligned_words(compared: Compared) -> str:
    """How the two were laid on each other, and how well that went."""
    found = compared.comparison
    a, b = (table.shape[1] for table in found.tables)
    what = kind_of(compared)
    shorter = "A" if a < b else "B"
    padded = "" if a == b else f", {shorter} filled up with zeros from {min(a, b):,} to {max(a, b):,} dimensions"
    said = (
        f"A turned onto B (orthogonal Procrustes; both centred, each vector at length 1{padded}). {what.capitalize()} "
        f"lie {four(float(found.alignment.moved.mean()))} apart in the mean: 0 is not moved, {four(found.shuffled)} is "
        "chance."
    )
    if len(found.words) <= max(a, b):
        said += f" So few in so many dimensions ({len(found.words):,} in {max(a, b):,}) can always be laid together."
    return said


def picture_words(compared: Compared, shown: int) -> str:
    """What the picture keeps. shown: words on it."""
    first, second = (float(each) for each in compared.picture.explained)
    fitted = ""
    if compared.picture.fitted < len(compared.comparison.words):
        fitted = f", found from {compared.picture.fitted:,} drawn at random"
    return (
        f"{shown:,} of {len(compared.comparison.words):,}, each from A to B. PCA of both together{fitted} keeps "
        f"{percent(first + second)} of the variance: what moved in other directions is not seen."
    )


def share(value: float) -> str:
    """A share that may be very small."""
    return percent(value) if value >= 0.001 else f"{100 * value:.2g} %"


def counts_of(found: Comparison) -> list[int]:
    """[count + 1], of how many words 0, 1, … of the nearest are the same."""
    same = np.rint(found.overlap * found.count).astype(int)
    return np.bincount(same, minlength=found.count + 1).tolist()  # type: ignore[no-any-return]
