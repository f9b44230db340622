"""The command line as a grammar: what is understood, what is not, and what it says of itself."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from embstudio import __version__
from embstudio.cli.arguments import parse
from tests.conftest import PROJECT


def understood(*arguments: str) -> dict[str, object]:
    asked = parse(arguments)
    assert isinstance(asked, argparse.Namespace)
    return vars(asked)


def test_nothing_at_all_opens_the_window_on_what_was_open_last() -> None:
    assert understood() == understood("open")
    nothing = {"model": None, "text": None, "screenshot": None, "quit_after": None, "provider": ""}
    assert understood() == {"verb": "open", **nothing}


def test_open_takes_a_model_and_a_sentence() -> None:
    asked = understood("open", "a model.onnx", "--text", "The dog", "--screenshot", "x.png", "--quit-after", "2.5")
    assert asked == {
        "verb": "open", "model": "a model.onnx", "text": "The dog", "screenshot": Path("x.png"), "quit_after": 2.5,
        "provider": "",
    }  # fmt: skip


def test_trace_takes_ids_with_commas_or_spaces_and_points_again_and_again() -> None:
    asked = understood("trace", "m", "--ids", "1, 2,3", "--point", "lstm.*", "--point", "logits", "--out", "o.npz")
    assert asked["ids"] == (1, 2, 3)
    assert asked["points"] == ["lstm.*", "logits"]


@pytest.mark.parametrize(
    "arguments",
    [
        "sing",
        "inspect",
        "trace m --text t",
        "trace m --out o.npz",
        "trace m --text t --ids 1 --out o.npz",
        "trace m --ids 1,x --out o.npz",
        "trace m --ids 1 --cached some --out o.npz",
        "trace m --ids 1 --second t --second-ids 1 --out o.npz",
        "open --quit-after -1",
        "open --quit-after soon",
        "check everything",
        "inspect m --provider cuda:",
        "parity m --text t",
        "parity m --text t --b cpu-fp16 --tolerance much",
    ],
)
def test_what_makes_no_sense_ends_with_status_2(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments.split())
    assert ended.value.code == 2
    assert "usage: embstudio" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"embstudio {__version__}\n"


@pytest.mark.parametrize("verb", ["open", "inspect", "trace", "parity", "check"])
def test_each_verb_and_option_is_documented(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = (PROJECT / "docs" / "command-line.md").read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        parse([verb, "--help"])
    options = [word.strip("[],") for word in capsys.readouterr().out.split() if word.startswith(("--", "[--"))]
    assert f"embstudio {verb}" in page
    for option in set(options) - {"--help"}:
        assert option in page
