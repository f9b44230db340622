"""neighbours, analogy and evaluate: what they say, as lines or as data."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from embstudio.cli.finders import finder_of
from embstudio.cli.vector_sets import OpenedSet, note, open_set, visible
from embstudio.formulas.distances import METRICS, Metric
from embstudio.space.agreement import Agreement, agreement
from embstudio.space.analogies import Analogies
from embstudio.space.approximate_index import check_metric
from embstudio.space.evaluation import (
    AnalogyResult,
    Section,
    SimilarityResult,
    evaluate_analogies,
    evaluate_similarities,
)
from embstudio.space.evaluation_files import AnalogyFile, read_evaluation
from embstudio.space.vocabulary import CASE_RULE

UNDEFINED = "undefined"


def perform_space_verb(asked: argparse.Namespace) -> int:
    """Returns the exit status. Raises StudioError."""
    verbs = {"neighbours": _neighbours, "analogy": _analogy, "evaluate": _evaluate}
    data, lines = verbs[asked.verb](asked)
    if asked.json:
        print(json.dumps({"format": f"embstudio {asked.verb}", "version": 1, **data}, indent=2, ensure_ascii=False))
    else:
        print("\n".join(lines))
    return 0


Said = tuple[dict[str, Any], Iterable[str]]


def _neighbours(asked: argparse.Namespace) -> Said:
    opened = open_set(asked.set, asked)
    row = opened.row(asked.word)
    if asked.metric == "all":
        if asked.approximate:
            check_metric(asked.metric)
        return _by_all_metrics(opened, row, asked.count)
    metric, table = METRICS[asked.metric], opened.set.vectors
    finder, recall = finder_of(table, metric.name, asked.count, approximate=asked.approximate)
    found, values = (x[0] for x in finder.of_rows([row], asked.count))
    told = _told(metric, table, row, found)
    word, words = opened.set.words[row], opened.words(found)
    data = {
        **opened.data, "word": word, "row": row, "metric": metric.name, "formula": metric.formula,
        "nearest": metric.nearest,
        "approximate": recall and {"recall": recall.share, "k": recall.count, "asked": recall.asked},
        "neighbours": [
            {"word": each, "row": int(at), "value": float(value) if ok else None}
            for each, at, value, ok in zip(words, found, values, told, strict=True)
        ],
    }  # fmt: skip
    form = ".6f" if metric.why else ".6g"  # those of directions are between 0 and 2: what is smaller is rounding
    shown = [f"{value:{form}}" if ok else UNDEFINED for value, ok in zip(values, told, strict=True)]
    lines = [
        f"nearest to {visible(word)} by {metric.name}, {metric.formula}: {metric.nearest}", f"in {opened.title}",
        *([recall.sentence] if recall else []), *ranked(words, shown),
    ]  # fmt: skip
    return data, lines


def _told(metric: Metric, table: np.ndarray, row: int, found: np.ndarray) -> np.ndarray:
    """Whether the metric stands for something, of each row found; why it does not is said."""
    own, others = metric.undefined(table[[row]])[0], metric.undefined(table[found])
    if own or others.any():
        note(f"{metric.name} is undefined here: {metric.why}")
    return np.asarray(~(others | own))


def _by_all_metrics(opened: OpenedSet, row: int, count: int) -> Said:
    table = opened.set.vectors
    found = agreement(table, row, count)
    for name in found.metrics:
        _told(METRICS[name], table, row, found.rows)
    lists = [opened.words(rows) for rows in found.nearest]
    data = {
        **opened.data, "word": opened.set.words[row], "row": row,
        "neighbours": dict(zip(found.metrics, lists, strict=True)), "compared": len(found.rows),
        "spearman": _matrix(found.spearman), "kendall": _matrix(found.kendall), "overlap": _matrix(found.overlap),
    }  # fmt: skip
    return data, _side_by_side(opened, row, found, lists)


def _side_by_side(opened: OpenedSet, row: int, found: Agreement, lists: list[list[str]]) -> Iterator[str]:
    yield f"nearest to {visible(opened.set.words[row])} by all metrics"
    yield f"in {opened.title}"
    yield from grid(found.metrics, zip(*([visible(word) for word in words] for words in lists), strict=True))
    yield ""
    yield f"Do they rank these {len(found.rows)} words alike? Spearman's rho: 1 the same order, 0 nothing in common."
    rows = [
        (name, *("-" if np.isnan(value) else f"{value:.3f}" for value in values))
        for name, values in zip(found.metrics, found.spearman, strict=True)
    ]
    yield from grid(("", *found.metrics), rows)


def _analogy(asked: argparse.Namespace) -> Said:
    opened = open_set(asked.set, asked)
    a, b, c = (opened.row(word) for word in (asked.a, asked.b, asked.c))
    table = opened.set.vectors
    found = Analogies(table).ask(a, b, c, asked.count, asked.rule)
    _told(METRICS["cosine"], table, a, np.array([b, c, *found.rows], np.int64))
    names, words = opened.words((a, b, c)), opened.words(found.rows)
    first = opened.set.words[found.first] if found.first >= 0 else None
    data = {
        **opened.data, "a": names[0], "b": names[1], "c": names[2], "rule": found.rule,
        "answers": [
            {"word": word, "row": int(row), "score": float(score)}
            for word, row, score in zip(words, found.rows, found.scores, strict=True)
        ],
        "first_of_all": first and {"word": first, "row": found.first, "score": found.first_score},
    }  # fmt: skip
    score = (
        "cosine with the sum" if found.rule == "3cosadd" else "c(x, A) c(x, C) / (c(x, B) + 0.001), c = (1 + cos) / 2"
    )
    lines = [
        f"{visible(names[0])} - {visible(names[1])} + {visible(names[2])} by {found.rule}: {score}",
        f"in {opened.title}", *ranked(words, [f"{value:.6g}" for value in found.scores]),
    ]  # fmt: skip
    if first is not None and found.first in (a, b, c):
        lines.append(f"The words asked with are left out; {visible(first)} would come first ({found.first_score:.6g}).")
    return data, lines


def _evaluate(asked: argparse.Namespace) -> Said:
    file = read_evaluation(asked.file)
    opened = open_set(asked.set, asked)
    data = {**opened.data, "file": str(asked.file), "case_rule": CASE_RULE}
    lines = [str(asked.file), f"asked of {opened.title}"]
    if isinstance(file, AnalogyFile):
        answers = evaluate_analogies(file, opened.vocabulary, Analogies(opened.set.vectors), asked.rule)
        return data | analogies_as_data(answers), [*lines, *_analogies_as_lines(answers)]
    ratings = evaluate_similarities(file, opened.vocabulary, opened.set.vectors, asked.metric)
    if ratings.undefined:
        note(f"{ratings.undefined} pairs left out: {METRICS[ratings.metric].why}")
    return data | ratings_as_data(ratings), [*lines, *_ratings_as_lines(ratings)]


def analogies_as_data(result: AnalogyResult) -> dict[str, Any]:
    def plain(section: Section) -> dict[str, Any]:
        return {
            "name": section.name, "asked": section.asked, "known": section.known, "right": section.right,
            "accuracy": section.accuracy,
        }  # fmt: skip

    return {
        "kind": "analogies", "rule": result.rule, "lowered": result.lowered,
        "sections": [plain(each) for each in result.sections], "groups": [plain(each) for each in result.groups],
    }  # fmt: skip


def _analogies_as_lines(result: AnalogyResult) -> Iterator[str]:
    yield f"analogies by {result.rule}; the words asked with are left out"
    rows = [
        (
            each.name or "(no section)",
            f"{each.right:,}",
            f"{each.known:,}",
            f"{each.asked:,}",
            "-" if each.accuracy is None else f"{100 * each.accuracy:.2f} %",
        )
        for each in (*result.sections, *result.groups)
    ]
    yield from grid(("section", "right", "known", "asked", "right / known"), rows, left=1)
    yield f"known: questions whose four words the set has. {CASE_RULE} So it was in {result.lowered:,} questions."


def ratings_as_data(result: SimilarityResult) -> dict[str, Any]:
    return {
        "kind": "ratings", "metric": result.metric, "asked": result.asked, "known": result.known,
        "lowered": result.lowered, "undefined": result.undefined, "spearman": result.rho,
    }  # fmt: skip


def _ratings_as_lines(result: SimilarityResult) -> Iterator[str]:
    rho = "none: one of the two lists has no order" if result.rho is None else f"{result.rho:.4f}"
    yield f"ratings against {result.metric}: Spearman's rho {rho}"
    yield f"{result.known:,} of {result.asked:,} pairs: those whose two words the set has. {CASE_RULE}"
    yield f"So it was in {result.lowered:,} pairs."


def ranked(words: Sequence[str], values: Sequence[str]) -> Iterator[str]:
    shown = [visible(word) for word in words]
    wide = max(map(len, shown), default=0)
    for place, (word, value) in enumerate(zip(shown, values, strict=True), start=1):
        yield f"{place:4}  {word:{wide}}  {value}"


def grid(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int | None = None) -> Iterator[str]:
    """Columns in line; the first `left` of them, or all, begin at the left."""
    table = [tuple(heads), *(tuple(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (
            f"{cell:<{width}}" if left is None or place < left else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def _matrix(values: np.ndarray) -> list[list[float | None]]:
    return [[None if np.isnan(value) else float(value) for value in row] for row in values]
