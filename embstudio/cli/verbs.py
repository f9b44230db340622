"""Doing what a verb says, and saying in plain words why it could not be done. Heavy imports stay inside the verbs."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from embstudio import __version__
from embstudio.base.errors import InputError, StudioError
from embstudio.modelfile import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from embstudio.modelfile.catalogue import ModelSource
    from embstudio.session.messages import ModelRef, Opened, Pooling


def perform(asked: argparse.Namespace) -> int:
    """Run one verb; returns the exit status. Errors a person can act on are told on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character still gets the rest
    try:
        verbs = {
            "inspect": _inspect, "trace": _trace, "watch": _watch, "gradient": _gradient, "add": _add, "check": _check,
            "embed": _embed, "vectors": _vector_file, "convert": _vector_file,
            "neighbours": _space, "analogy": _space, "evaluate": _space, "compare": _compare, "parity": _parity,
            "lesson": _lesson,
        }  # fmt: skip
        return verbs[asked.verb](asked)
    except StudioError as error:
        _say(error)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `embstudio inspect … | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        # A fault of ours: the person gets a sentence, and a file to send with the report.
        _say(StudioError(
            "Something unexpected happened inside embstudio.", where=str(_write_report()),
            advice="Please report it with that file, which holds the steps that led there.",
        ))  # fmt: skip
        return 1


def _write_report() -> Path:
    """The exception being handled, in a file of its own; returns where."""
    with tempfile.NamedTemporaryFile("w", prefix="embstudio-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write(f"embstudio {__version__}, Python {sys.version}\n{traceback.format_exc()}")
    return Path(file.name)


def _say(error: StudioError) -> None:
    """What, where, what to do, and the first line of the library's own words."""
    print(f"embstudio: {error.what}" + (f" ({error.where})" if error.where else ""), file=sys.stderr)
    if error.advice:
        print(f"  {error.advice}", file=sys.stderr)
    if error.detail:
        print(f"  [{error.detail.strip().splitlines()[0][:300]}]", file=sys.stderr)


def reference(source: ModelSource, provider: str = "") -> ModelRef:
    """What the session needs to open a model. provider: a way to run it, as `session.execution.way` reads it."""
    from embstudio.session.messages import ModelRef

    return ModelRef(source.path, source.tokenizer, provider)


def _inspect(asked: argparse.Namespace) -> int:
    from embstudio.cli.anatomy_report import as_data, as_lines
    from embstudio.session.known_models import KnownModels
    from embstudio.session.runner import Runner

    source = catalogue.find(asked.model)
    opened = Runner.open(reference(source, asked.provider), KnownModels.of_the_person()).opened
    if asked.json:
        print(json.dumps(as_data(source, opened), indent=2, ensure_ascii=False))
        _note_fallback(opened)
    else:
        print("\n".join(as_lines(source, opened)))
    return 0


def _note_fallback(opened: Opened) -> None:
    """Say it where the model does not run on the provider that was asked for."""
    if opened.fallback is not None:
        print(f"note: {opened.fallback}", file=sys.stderr)


def _trace(asked: argparse.Namespace) -> int:
    from embstudio.session.known_models import KnownModels
    from embstudio.session.messages import TraceRequest
    from embstudio.session.replacement_grammar import parse_replacement
    from embstudio.session.runner import Runner
    from embstudio.trace.omitted import omitted_in_words
    from embstudio.trace.points import select
    from embstudio.trace.trace import save_trace

    model = reference(catalogue.find(asked.model), asked.provider)
    feeds = _read_feeds(asked.feeds) if asked.feeds else None
    if feeds is not None and (asked.second or asked.second_ids or asked.cached):
        raise InputError(
            "With --feeds all inputs are yours.", advice="Leave out --second, --second-ids and --cached, or --feeds.",
        )  # fmt: skip
    replacements = tuple(parse_replacement(text) for text in asked.replacements)
    runner = Runner.open(model, KnownModels.of_the_person())
    _note_fallback(runner.opened)
    pooling = _pooling(asked)
    names = (*runner.opened.anatomy.point_names, *(["pooled"] if pooling else []))
    unmatched = [glob for glob in asked.points if not select(names, [glob])]
    if unmatched:
        raise InputError(
            "The model has no such point.", where=", ".join(unmatched),
            advice=f"`embstudio inspect {asked.model}` lists the points there are.",
        )  # fmt: skip
    request = TraceRequest(
        model, text=asked.text, ids=asked.ids, feeds=feeds, second=asked.second, second_ids=asked.second_ids,
        cached=asked.cached, points=tuple(asked.points), pooling=pooling, replacements=replacements,
    )  # fmt: skip
    trace = runner.trace(request)
    save_trace(trace, asked.out)
    for note in filter(None, (*trace.notes, omitted_in_words(trace))):
        print(f"note: {note}", file=sys.stderr)
    print(f"{asked.out}: {len(trace.arrays)} points, {len(trace)} tokens, {trace.nbytes / 1e6:.3g} MB")
    return 0


def _watch(asked: argparse.Namespace) -> int:
    from embstudio.stepper.watch.expression_error import ExpressionError, UnfittingError

    try:
        return _watch_model(asked)
    except ExpressionError as error:
        print(f"embstudio: {error.what}", file=sys.stderr)
        print(
            "".join(f"  {line}\n" for line in (*error.caret.split("\n"), error.advice) if line), end="", file=sys.stderr
        )
        return 1 if isinstance(error, UnfittingError) else 2


def _watch_model(asked: argparse.Namespace) -> int:
    from embstudio.cli.watch_report import as_data, as_lines, notes, predictions_of, watched
    from embstudio.session.known_models import KnownModels
    from embstudio.session.messages import TraceRequest
    from embstudio.session.runner import Runner
    from embstudio.stepper.watch.check import check_watch
    from embstudio.stepper.watch.parser import parse
    from embstudio.stepper.watch.scope import Scope
    from embstudio.studio.document import Document
    from embstudio.studio.outcomes import asks_for_prediction

    source = catalogue.find(asked.model)
    runner = Runner.open(reference(source, asked.provider), KnownModels.of_the_person())
    _note_fallback(runner.opened)
    document, names = Document(source, runner.opened), runner.opened.anatomy.point_names
    expressions = [parse(text, names) for text in asked.expressions]  # with names, so that what was meant can be said
    for expression in expressions:
        check_watch(expression)
    predicts = any(map(asks_for_prediction, expressions))
    wanted = {point for each in expressions for point in each.points} | ({"logits"} if predicts else set())
    request = TraceRequest(
        reference(source, asked.provider), text=asked.text, ids=asked.ids, second=asked.second,
        points=tuple(name for name in names if name in wanted) or names[:1],
    )  # fmt: skip
    trace = runner.trace(request)
    scores = predictions_of(runner, request, trace) if predicts else None
    scope = Scope(trace, document.labels, document.vocabulary, names, scores, len(trace) if scores is not None else 0)
    found = watched(expressions, scope)
    if asked.json:
        print(json.dumps(as_data(found, trace), indent=2, ensure_ascii=False))
    else:
        print("\n".join(as_lines(found, trace)))
    for note in (*trace.notes, *(() if asked.json else notes(found, trace))):
        print(f"note: {note}", file=sys.stderr)
    return 0


def _gradient(asked: argparse.Namespace) -> int:
    from embstudio.cli.gradient_report import as_data, as_lines
    from embstudio.session.known_models import KnownModels
    from embstudio.session.messages import GradientRequest, TraceRequest
    from embstudio.session.runner import Runner

    source = catalogue.find(asked.model)
    model = reference(source, asked.provider)
    runner = Runner.open(model, KnownModels.of_the_person())
    _note_fallback(runner.opened)
    request = TraceRequest(model, text=asked.text, ids=asked.ids, points=("logits",))
    trace = runner.trace(request)
    names = _output_names(source, runner.opened)
    token = len(trace) - 1 if asked.token is None else asked.token
    found = runner.gradients(GradientRequest(model, request, token, _numbered(asked.output, names)))
    tokens = [each.text for each in trace.tokens]
    if asked.json:
        print(json.dumps(as_data(found, tokens, names), indent=2, ensure_ascii=False))
    else:
        print("\n".join(as_lines(found, tokens, names)))
    for note in (*trace.notes, *found.notes):
        print(f"note: {note}", file=sys.stderr)
    return 0


def _output_names(source: ModelSource, opened: Opened) -> Sequence[str]:
    """What the outputs of the head are called: the card's labels, or the vocabulary."""
    if source.card is not None and source.card.labels:
        return source.card.labels
    head, tokenizer = opened.anatomy.head, opened.tokenizer
    return tokenizer.vocabulary if head is not None and head.kind == "next word" and tokenizer is not None else ()


def _numbered(name: str | None, names: Sequence[str]) -> int | None:
    """The number of an output. Raises InputError for a name that there is not."""
    if name is None:
        return None
    found = [number for number, known in enumerate(names) if known == name] or [
        number for number, known in enumerate(names) if known.strip() == name.strip()
    ]
    if found:
        return found[0]
    if name.isascii() and name.isdigit():
        return int(name)
    there = f"There are {', '.join(names)}." if 0 < len(names) < 20 else "Give a word of its vocabulary, or a number."
    raise InputError(f"The model has no output called {name!r}.", where="--output", advice=there)


def _pooling(asked: argparse.Namespace) -> Pooling | None:
    """The way of pooling asked for. Raises InputError for a length of it without a way."""
    from embstudio.session.messages import Pooling

    if asked.pooling is not None:
        return Pooling(asked.pooling, asked.normalise)
    if asked.normalise:
        raise InputError(
            "--normalise goes with --pooling.", advice="Add --pooling mean, or leave both out for what the files say.",
        )  # fmt: skip
    return None


def _space(asked: argparse.Namespace) -> int:
    from embstudio.cli.space_verbs import perform_space_verb

    return perform_space_verb(asked)


def _compare(asked: argparse.Namespace) -> int:
    from embstudio.cli.compare_verb import perform_compare

    return perform_compare(asked)


def _lesson(asked: argparse.Namespace) -> int:
    from embstudio.cli.lesson_verb import perform_lesson

    return perform_lesson(asked)


def _parity(asked: argparse.Namespace) -> int:
    from embstudio.cli.parity_verb import perform_parity

    return perform_parity(asked)


def _embed(asked: argparse.Namespace) -> int:
    from embstudio.cli.embed_verb import perform_embed

    return perform_embed(asked, _pooling(asked))


def _vector_file(asked: argparse.Namespace) -> int:
    from embstudio.cli.vector_file_verbs import perform_vector_file_verb

    return perform_vector_file_verb(asked)


def _add(asked: argparse.Namespace) -> int:
    if asked.name != "minilm":
        from embstudio.session.add.another_onnxruntime import add_onnxruntime

        add_onnxruntime(asked.name, lambda sentence: print(sentence, flush=True))
        return 0
    from embstudio.session.add.minilm import NAME, add_minilm

    add_minilm(lambda sentence: print(sentence, flush=True), asked.source)
    print(f"Open it with: embstudio open {NAME}")
    return 0


def _read_feeds(path: Path) -> Mapping[str, np.ndarray]:
    """The arrays of an .npz by name. Raises InputError; nothing in it is unpickled."""
    import zipfile

    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            "The inputs could not be read.", where=str(path), detail=str(error),
            advice="Give an .npz that holds one array for each input of the graph, under the input's name.",
        ) from error  # fmt: skip


def _check(asked: argparse.Namespace) -> int:
    from embstudio.cli.self_check import run_checks

    failed = False
    for finding in run_checks():
        print(finding, flush=True)
        failed |= finding.failed
    return 1 if failed else 0
