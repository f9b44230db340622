"""From a lesson's file to a `Lesson`. docs/lessons.md says what may stand in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embstudio.lessons.lesson import Ask, Claim, Lesson, Row, Run, Show, Step, Training
from embstudio.lessons.lesson_error import LessonError
from embstudio.lessons.printed import Format, read_format
from embstudio.lessons.prose import Prose, read_prose
from embstudio.lessons.table import Table
from embstudio.lessons.whereabouts import Whereabouts

FORMAT = 1
LARGEST = 4 * 2**20  # bytes
_KEYS = frozenset(
    ("format", "number", "title", "summary", "minutes", "sources", "vectors", "runs", "trainings", "claims", "step")
)
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")
_NAME = re.compile(r"[A-Za-z_]\w{0,39}")


def load_lesson(path: Path) -> Lesson:
    """Raises LessonError, with line and column, for a file that is no lesson."""
    try:
        data = path.read_bytes()[: LARGEST + 1]
        if len(data) > LARGEST:
            raise LessonError("This file is too large to be a lesson.", path, 1, 1)
        source = data.decode("utf-8-sig")
    except OSError as error:
        raise LessonError("The lesson could not be read.", path, 1, 1, detail=str(error),
                          advice="Check that the file is there, and that you may read it.") from error  # fmt: skip
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise LessonError("This is no text in UTF-8.", path, line, 1, detail=str(error),
                          advice="Save the lesson as UTF-8.") from error  # fmt: skip
    return read_lesson(source, path)


def read_lesson(source: str, path: Path) -> Lesson:
    """The same of a text. path: to be named in errors."""
    try:
        raw = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT.search(str(error))
        line, column = (int(found[1]), int(found[2])) if found else (max(1, source.count("\n") + 1), 1)
        raise LessonError("This is not written as TOML is.", path, line, column, detail=str(error),
                          advice=f"{_AT.sub('', str(error)).strip()}; see docs/lessons.md.") from error  # fmt: skip
    return _lesson(Table(raw, (), path, Whereabouts(source)), path)


def _lesson(top: Table, path: Path) -> Lesson:
    top.expect(_KEYS)
    if top.whole("format", 0) != FORMAT:
        raise top.error("This file does not say that it is a lesson.", "format", f"Begin it with format = {FORMAT}.")
    runs = {_named(table, name): _run(table) for name, table in top.tables("runs")}
    lesson = Lesson(
        path=path,
        title=top.prose("title"),
        summary=top.prose("summary"),
        number=top.whole("number", 0) or 0,
        minutes=top.whole("minutes", 0) or 0,
        sources=top.texts("sources"),
        vectors=_vectors(top),
        runs=runs,
        trainings={_named(table, name): _training(table) for name, table in top.tables("trainings")},
        claims=_claims(top),
        steps=tuple(_step(table, runs) for table in top.array("step")),
    )
    if not lesson.steps:
        raise top.error("The lesson has no steps.", advice="Write at least one [[step]].")
    _check_names(top, lesson)
    return lesson


def _named(table: Table, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise table.error(f"{name!r} is no name.", advice="A name is made of letters, digits and _, a letter first.")
    return name


def _check_names(top: Table, lesson: Lesson) -> None:
    """No name may stand for two things."""
    known: dict[str, str] = {}
    for table in ("vectors", "runs", "trainings", "claims"):
        for name in getattr(lesson, table):
            if name in known:
                at = top.at((table,))
                raise at.error(f"{name} is both one of [{known[name]}] and of [{table}].", name, "Rename one.")
            known[name] = table
    for place, step in enumerate(lesson.steps):
        for name in step.claims:
            if name in known:
                claims = top.at(("step", place, "claims"))
                raise claims.error(f"{name} stands for something else in [{known[name]}] already.", name, "Rename one.")


def _vectors(top: Table) -> dict[str, Any]:
    """Vectors, and matrices as lists of rows."""
    found: dict[str, Any] = {}
    inner = top.table("vectors")
    for name in inner.keys if inner is not None else ():
        assert inner is not None
        value = inner.expected(_named(inner, name))
        rows = value if isinstance(value, tuple) and value and isinstance(value[0], tuple) else (value,)
        numbers = all(isinstance(row, tuple) and row and all(type(n) is float for n in row) for row in rows)
        if not numbers or len({len(row) for row in rows if isinstance(row, tuple)}) > 1:
            raise inner.error(f"{name} must be a list of numbers, or of rows of equal length.", name)
        found[name] = value
    return found


def _run(table: Table) -> Run:
    run = Run(table.text("model"), table.text("text"), table.texts("hold"), table.text("second", ""))
    table.finish()
    return run


def _training(table: Table) -> Training:
    settings = table.table("settings")
    training = Training(
        table.text("bench"), tuple((name, settings.any(name)) for name in settings.keys) if settings else (),
        table.text("text", ""),
    )  # fmt: skip
    table.finish()
    return training


def _claims(parent: Table) -> dict[str, Claim]:
    inner = parent.table("claims")
    return {name: _claim(inner, _named(inner, name)) for name in inner.keys} if inner is not None else {}


def _claim(claims: Table, name: str) -> Claim:
    """`name = ["formula", expected, "format"]`, or a table with is, expect, within and print."""
    value = claims.any(name)
    key = (*claims.key, name)
    if isinstance(value, list):
        if not 2 <= len(value) <= 3 or (len(value) == 3 and not isinstance(value[2], str)):
            raise claims.error(
                f"The claim {name} is not whole.", name,
                f'Write {name} = ["formula", what it comes to], or with "2 decimals" behind.',
            )  # fmt: skip
        format_ = _format(claims, name, value[2]) if len(value) == 3 else None
        return Claim(name, claims.formula(value[0], name), claims.as_expected(value[1], name), None, format_, key)
    table = claims.table(name)
    assert table is not None
    claim = Claim(
        name, table.formula(table.any("is"), "is"), table.expected("expect"),
        table.number("within") if "within" in table else None,
        _format(table, "print", table.text("print")) if "print" in table else None, key,
    )  # fmt: skip
    table.any("note") if "note" in table else None
    table.finish()
    return claim


def _format(table: Table, name: str, text: str) -> Format:
    try:
        return read_format(text)
    except ValueError as error:
        raise table.error(str(error), name, fragment=text) from error


def _step(table: Table, runs: Mapping[str, Run]) -> Step:
    step = Step(
        title=table.prose("title"),
        text=table.prose("text", optional=True),
        show=_show(table, runs),
        ask=_ask(table),
        rows=_rows(table),
        play=table.prose("play", optional=True),
        claims=_claims(table),
        holds=tuple(
            Claim("", table.formula(text, "holds"), True, key=(*table.key, "holds")) for text in table.texts("holds")
        ),
        sources=table.texts("sources"),
    )
    table.finish()
    if not (step.text or step.ask or step.rows):
        raise table.error("This step says nothing.", advice='Write text = """…""".')
    return step


def _ask(parent: Table) -> Ask | None:
    table = parent.table("ask")
    if table is None:
        return None
    choices = tuple(map(read_prose, table.texts("choices")))
    right = table.whole("answer", 0) or 0
    if len(choices) < 2:
        raise table.error("A question needs two choices at least.", "choices")
    if not 1 <= right <= len(choices):
        raise table.error(f"The answer must be the number of a choice, 1 to {len(choices)}.", "answer")
    ask = Ask(table.prose("question"), choices, right - 1, table.prose("after"))
    table.finish()
    return ask


def _rows(parent: Table) -> tuple[Row, ...]:
    rows = []
    for table in parent.array("compare"):
        rows.append(Row(table.prose("what"), table.prose("noted"), table.prose("is")))
        table.finish()
    return tuple(rows)


def _show(parent: Table, runs: Mapping[str, Run]) -> Show:
    table = parent.table("show")
    if table is None:
        return Show()
    show = Show(
        run=_shown_run(table, runs),
        at=table.text("at", ""),
        panel=table.text("panel", ""),
        page=table.text("page", ""),
        layer=table.whole("layer"),
        head=table.whole("head"),
        unit=table.whole("unit"),
        probe=table.text("probe", ""),
        put=tuple(_put(table, entry) for entry in table.list("put")),
        press=table.texts("press"),
        look=table.text("look", ""),
    )
    table.finish()
    return show


def _shown_run(table: Table, runs: Mapping[str, Run]) -> Run | None:
    """`run = "name"` of one in [runs], or model, text and hold by themselves. What is left out stays as it is."""
    if "run" in table:
        name = table.text("run")
        if name not in runs:
            there = f"There are {', '.join(runs)}." if runs else "Write it under [runs]."
            raise table.error(f"There is no run {name}.", "run", there)
        return runs[name]
    if not any(name in table for name in ("model", "text", "hold", "second")):
        return None
    return Run(table.text("model", ""), table.text("text", ""), table.texts("hold"), table.text("second", ""))


def _put(table: Table, entry: object) -> tuple[str, str | float | bool]:
    if isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str):
        value = entry[1]
        if isinstance(value, str | bool):
            return entry[0], value
        if isinstance(value, int | float):
            return entry[0], float(value)
    raise table.error("put is a list of controls with what to put there.", "put", 'Write put = [["metric", "dot"]].')


def prose_of(lesson: Lesson) -> list[tuple[tuple[str | int, ...], Prose]]:
    """All texts of a lesson, with where they stand."""
    found: list[tuple[tuple[str | int, ...], Prose]] = [(("title",), lesson.title), (("summary",), lesson.summary)]
    for place, step in enumerate(lesson.steps):
        found += [(("step", place, *key), prose) for key, prose in step.prose]
    return found
