"""compare: two sets over the words they share, or two models over the same texts; as lines or as data."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from embstudio.cli.space_verbs import analogies_as_data, grid, ranked, ratings_as_data
from embstudio.cli.vector_sets import note, open_set, visible
from embstudio.modelfile import catalogue
from embstudio.session.messages import Reply
from embstudio.session.worker_client import WorkerClient
from embstudio.space.comparison import Comparison, compare_sets
from embstudio.space.evaluation import AnalogyResult, SimilarityResult
from embstudio.space.evaluation_files import read_evaluation
from embstudio.space.paired_evaluation import PairedEvaluation, evaluate_both
from embstudio.space.texts import read_texts
from embstudio.space.transforms import transform_of
from embstudio.space.vector_set import VectorSet
from embstudio.space.vocabulary import CASE_RULE
from embstudio.studio.paired_texts import PairedTexts, TextVectors

_SHOWN = 10  # words that moved
_HEARTBEAT = 0.5  # seconds; on Windows a wait without an end would not hear Ctrl-C
Data = dict[str, Any]


def perform_compare(asked: argparse.Namespace) -> int:
    """Returns the exit status. Raises StudioError."""
    made: tuple[TextVectors, TextVectors] | None = None
    if asked.texts is not None:
        made = _texts(asked)
        sets, about = _as_sets(made, asked)
    else:
        opened = open_set(asked.set, asked), open_set(asked.other, asked)
        sets = opened[0].set, opened[1].set
        about = [(each.title, each.data) for each in opened]
    questions = read_evaluation(asked.questions) if asked.questions is not None else None  # before the calculation
    found = compare_sets(*sets, asked.count, asked.metric, asked.most)
    answers = None
    if questions is not None:
        answers = evaluate_both(questions, sets, found, rule=asked.rule, metric=asked.metric)
    if asked.json:
        data = _data(found, sets, [data for _, data in about], made, answers)
        print(json.dumps({"format": "embstudio compare", "version": 1, **data}, indent=2, ensure_ascii=False))
    else:
        for line in _lines(found, sets, [title for title, _ in about], made):
            print(line)
        if answers is not None:
            for line in _answer_lines(asked.questions, answers):
                print(line)
    return 0


def _texts(asked: argparse.Namespace) -> tuple[TextVectors, TextVectors]:
    """The texts through both models, in the worker process. Raises StudioError."""
    texts = tuple(dict.fromkeys(read_texts(asked.texts, asked.column, asked.encoding).texts))
    first, second = catalogue.find(asked.set), catalogue.find(asked.other)
    replies = SimpleQueue[Reply]()
    client = WorkerClient(replies.put, note)
    client.start()
    try:
        pairs = PairedTexts(client.submit, client.cancel, str)
        pairs.run(first, second, texts)
        while pairs.running:
            try:
                pairs.receive(replies.get(timeout=_HEARTBEAT))
            except Empty:
                continue
    finally:
        client.close()
    if pairs.error is not None:
        raise pairs.error
    assert pairs.result is not None
    return pairs.result


def _as_sets(
    made: tuple[TextVectors, TextVectors], asked: argparse.Namespace
) -> tuple[tuple[VectorSet, VectorSet], list[tuple[str, Data]]]:
    """The vectors as they are compared, with what they are in words and as data."""
    sets, about = [], []
    for name, each in zip((asked.set, asked.other), made, strict=True):
        table = each.set
        change = transform_of(table.vectors, centre=asked.centre, whiten=asked.whiten, unit=asked.unit)
        done = f", {change.words}" if change.words else ""
        sets.append(replace(table, vectors=change(table.vectors)))
        about.append((
            f"{table.source}, {len(table):,} vectors of {table.width} numbers{done}",
            {"set": name, "source": table.source, "rows": len(table), "width": table.width,
             "transform": change.words or None, "steps": list(each.steps), "cut": each.cut,
             "texts_per_second": each.rate},
        ))  # fmt: skip
        for sentence in each.notes:
            note(sentence)
    return (sets[0], sets[1]), about


def _data(
    found: Comparison,
    sets: tuple[VectorSet, VectorSet],
    about: list[Data],
    made: tuple[TextVectors, TextVectors] | None,
    answers: PairedEvaluation | None,
) -> Data:
    moved, shared = found.most_moved, found.shared

    def named(places: Any) -> list[Data]:
        return [{"word": found.words[at], "moved": float(found.alignment.moved[at])} for at in places]

    data: Data = {
        "first": {**about[0], "bytes": sets[0].vectors.nbytes, "only_here": shared.only_first},
        "second": {**about[1], "bytes": sets[1].vectors.nbytes, "only_here": shared.only_second},
        "of": "words" if made is None else "texts", "shared": len(found.words), "unusable": found.unusable,
        "special": found.special,
        "metric": found.metric, "count": found.count, "compared": len(found.asked),
        "overlap": float(found.overlap.mean()), "overlap_by_chance": found.by_chance,
        "moved": float(found.alignment.moved.mean()), "moved_when_shuffled": found.shuffled,
        "kept": found.alignment.kept, "most_moved": named(moved[:_SHOWN]), "least_moved": named(moved[::-1][:_SHOWN]),
        "words": [
            {"word": found.words[at], "overlap": float(share), "moved": float(found.alignment.moved[at])}
            for at, share in zip(found.asked, found.overlap, strict=True)
        ],
    }  # fmt: skip
    if answers is not None:
        data["questions"] = {
            what: {"first": _result(pair[0]), "second": _result(pair[1])}
            for what, pair in (("own", answers.own), ("shared", answers.equal))
        }
    return data


def _result(result: AnalogyResult | SimilarityResult) -> Data:
    return analogies_as_data(result) if isinstance(result, AnalogyResult) else ratings_as_data(result)


def _lines(
    found: Comparison,
    sets: tuple[VectorSet, VectorSet],
    titles: list[str],
    made: tuple[TextVectors, TextVectors] | None,
) -> Iterator[str]:
    what, shared = ("words" if made is None else "texts"), found.shared
    for letter, title, each, place in zip("AB", titles, sets, (0, 1), strict=True):
        yield f"{letter}: {title}, {each.vectors.nbytes / 1e6:,.1f} MB"
        if made is not None:
            yield (f"   {', then '.join(made[place].steps)}; {made[place].rate:,.0f} texts a second, measured now"
                   + (f"; {made[place].cut:,} cut" if made[place].cut else ""))  # fmt: skip
    yield f"in both: {len(shared):,} {what}; only in A: {shared.only_first:,}; only in B: {shared.only_second:,}"
    if shared.unmarked:
        yield shared.unmarked
    if found.is_sample:
        yield f"{len(found.words):,} of them, drawn at random, are compared: more do not fit into memory"
    if found.special:
        yield f"left out: {found.special:,} special {'token' if found.special == 1 else 'tokens'}, no words"
    if found.unusable:
        yield f"left out: {found.unusable:,} without a finite vector in both"
    some = "all" if len(found.asked) == len(found.words) else f"{len(found.asked):,} of them, drawn at random"
    yield f"neighbours compared of {some}"
    yield (f"of the {found.count} nearest {what} by {found.metric}, {100 * found.overlap.mean():.1f} % are the same in "
           f"both (by chance {100 * found.by_chance:.2g} %)")  # fmt: skip
    a, b = (table.shape[1] for table in found.tables)
    padded = "" if a == b else f", {'A' if a < b else 'B'} filled up with zeros to {max(a, b)} dimensions"
    yield (f"A turned onto B by the best rotation, both centred and at length 1{padded}: {what} then lie "
           f"{found.alignment.moved.mean():.3f} apart in the mean (0 none moved, {found.shuffled:.3f} {what} "
           "shuffled)")  # fmt: skip
    moved = found.most_moved
    for title, places in (("moved most:", moved[:_SHOWN]), ("moved least:", moved[::-1][:_SHOWN])):
        yield title
        yield from ranked([found.words[at] for at in places], [f"{found.alignment.moved[at]:.3f}" for at in places])


def _answer_lines(file: Path, answers: PairedEvaluation) -> Iterator[str]:
    yield ""
    yield f"{file}"
    rows = [("all words of each", answers.own), ("shared words only", answers.equal)]
    cells: list[tuple[str, str, str]] = []
    for what, pair in rows:
        if isinstance(pair[0], AnalogyResult) and isinstance(pair[1], AnalogyResult):
            for one, other in zip(pair[0].groups, pair[1].groups, strict=True):
                said = [
                    "-" if each.accuracy is None else f"{100 * each.accuracy:.2f} % ({each.right:,} of {each.known:,})"
                    for each in (one, other)
                ]
                cells.append((f"{visible(one.name)}, {what}", said[0], said[1]))
        else:
            said = [
                "-" if each.rho is None else f"rho {each.rho:.4f} ({each.known:,} of {each.asked:,} pairs)"
                for each in pair
                if isinstance(each, SimilarityResult)
            ]
            cells.append((what, said[0], said[1]))
    yield from grid(("", "A", "B"), cells, left=1)
    yield f"{CASE_RULE} Over shared words, both choose among the same ones."
