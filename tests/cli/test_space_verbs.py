"""neighbours, analogy, evaluate and compare: on the bundled vectors, whose figures are known, and on files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.paths import models_dir
from embstudio.cli import space_arguments
from embstudio.formulas.distances import METRICS
from embstudio.session.messages import ModelRef
from embstudio.session.runner import Runner
from embstudio.space import approximate_index
from embstudio.space.analogies import RULES
from embstudio.space.transforms import WHITENINGS
from embstudio.space.vector_set import VectorSet
from tests.cli.conftest import Command


@pytest.fixture(scope="module")
def words() -> VectorSet:
    return Runner.open(ModelRef(models_dir() / "words" / "model.onnx")).table


@pytest.fixture
def glove(tmp_path: Path) -> Path:
    """Six words in the form of GloVe's files, one of them without a direction."""
    rows = {"the": (1, 0), "cat": (2, 1), "Dog": (2, 1.5), "car": (-1, 3), "zero": (0, 0), "ant": (4, 2)}
    file = tmp_path / "small.txt"
    file.write_text("".join(f"{word} {x} {y} 0.0\n" for word, (x, y) in rows.items()))
    return file


def test_the_names_in_the_help_are_those_there_are() -> None:
    assert tuple(METRICS) == space_arguments.METRICS
    assert RULES == space_arguments.RULES
    assert WHITENINGS == space_arguments.WHITENINGS


def test_neighbours_of_a_bundled_word_are_those_of_brute_force(embstudio: Command, words: VectorSet) -> None:
    said = embstudio("neighbours", "words", "King", "-k", 4, "--json")
    assert (said.status, said.err) == (0, "note: there is no 'King'; this is 'king'\n")
    data = json.loads(said.out)
    x = words.vectors.astype(np.float64)
    row = words.words.index("king")
    distances = 1 - x @ x[row] / (np.linalg.norm(x, axis=1) * np.linalg.norm(x[row]))
    expected = [int(at) for at in np.argsort(distances) if at != row][:4]
    assert [each["row"] for each in data["neighbours"]] == expected
    assert [each["word"] for each in data["neighbours"]] == [words.words[at] for at in expected]
    np.testing.assert_allclose([each["value"] for each in data["neighbours"]], distances[expected], atol=1e-12)
    lines = embstudio("neighbours", "words", "king", "-k", 4).out.splitlines()
    assert len(lines) == 6
    assert lines[2].split() == ["1", words.words[expected[0]], f"{distances[expected[0]]:.6f}"]


def test_an_index_says_how_much_of_the_truth_it_finds(
    embstudio: Command, words: VectorSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = embstudio("neighbours", "words", "king", "-k", 5, "--rows", 3000, "--approximate")
    assert re.fullmatch("note: --approximate is needless below 1,000,000 vectors: .*exactly.*\n", exact.err)
    assert "approximate" not in exact.out
    monkeypatch.setattr(approximate_index, "LEAST_ROWS", 1000)  # a million take too long to index for a test
    said = embstudio("neighbours", "words", "king", "-k", 5, "--approximate", "--json")
    data = json.loads(said.out)
    assert said.err == ""
    assert data["approximate"]["k"] == 5
    assert data["approximate"]["asked"] == 200
    assert 0.9 < data["approximate"]["recall"] <= 1
    x = words.vectors.astype(np.float64)
    row = words.words.index("king")
    distances = 1 - x @ x[row] / (np.linalg.norm(x, axis=1) * np.linalg.norm(x[row]))
    for each in data["neighbours"]:
        assert each["value"] == pytest.approx(distances[each["row"]], abs=1e-12)
    line = embstudio("neighbours", "words", "king", "-k", 5, "--approximate").out.splitlines()[2]
    assert re.fullmatch(r"approximate: it found \d+\.\d % of the true 5 nearest of 200 words drawn at random", line)


def test_what_has_no_index_is_said(embstudio: Command) -> None:
    for metric in ("manhattan", "all"):
        said = embstudio("neighbours", "words", "king", "--metric", metric, "--approximate")
        assert said.status == 1
        assert f"no approximate index by {metric}" in said.err


def test_king_man_woman(embstudio: Command) -> None:
    said = embstudio("analogy", "words", "king", "man", "woman", "--json")
    data = json.loads(said.out)
    assert data["answers"][0]["word"] == "queen"
    assert data["answers"][0]["score"] == pytest.approx(0.776, abs=5e-4)  # as the card says
    assert data["first_of_all"]["word"] == "king"
    assert "king would come first (0.81" in embstudio("analogy", "words", "king", "man", "woman").out
    said = embstudio("analogy", "words", "king", "man", "woman", "--rule", "3cosmul", "-k", 1)
    assert said.out.splitlines()[2].split()[:2] == ["1", "queen"]


def test_a_files_vectors_and_what_is_undefined(embstudio: Command, glove: Path) -> None:
    said = embstudio("neighbours", glove, "cat")
    assert said.status == 0
    assert [line.split() for line in said.out.splitlines()[2:]] == [
        ["1", "ant", "0.000000"], ["2", "Dog", "0.016130"], ["3", "the", "0.105573"], ["4", "car", "0.858579"],
        ["5", "zero", "undefined"],
    ]  # fmt: skip
    assert "cosine is undefined here: a vector of zeros has no direction" in said.err
    values = json.loads(embstudio("neighbours", glove, "zero", "--json").out)["neighbours"]
    assert [each["value"] for each in values] == [None] * 5
    far = embstudio("neighbours", glove, "zero", "--metric", "chebyshev", "-k", 1)
    assert far.out.splitlines()[2].split() == ["1", "the", "1"]
    assert "undefined" not in far.err


def test_what_is_done_to_the_vectors_is_said(embstudio: Command, glove: Path) -> None:
    said = embstudio("neighbours", glove, "cat", "--whiten", "--unit", "--rows", 5)
    assert "5 vectors of 3 numbers, centred, whitened (ZCA), unit length" in said.out
    assert "1 directions in which the vectors do not vary" in said.err


def test_metrics_side_by_side(embstudio: Command, glove: Path) -> None:
    said = embstudio("neighbours", glove, "Dog", "--metric", "all", "-k", 3)
    heads = said.out.splitlines()[2].split()
    assert tuple(heads) == tuple(METRICS)
    data = json.loads(embstudio("neighbours", glove, "Dog", "--metric", "all", "-k", 3, "--json").out)
    assert data["neighbours"]["manhattan"] == ["cat", "the", "ant"]
    assert data["neighbours"]["dot"] == ["ant", "cat", "car"]
    at = heads.index("euclidean"), heads.index("squared-euclidean")
    assert data["spearman"][at[0]][at[1]] == pytest.approx(1)


def test_evaluations(embstudio: Command, tmp_path: Path) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text(": royal\nman King woman queen\nboy prince xqzt princess\n: gram1\nbig bigger small smaller\n")
    data = json.loads(embstudio("evaluate", "words", questions, "--json").out)
    assert [(each["name"], each["asked"], each["known"], each["right"]) for each in data["sections"]] == [
        ("royal", 2, 1, 1), ("gram1", 1, 1, 0),  # the card: answers larger before smaller
    ]  # fmt: skip
    assert data["lowered"] == 1
    assert embstudio("evaluate", "words", questions).out.splitlines()[-2].split() == [
        "all",
        "1",
        "2",
        "3",
        "50.00",
        "%",
    ]
    ratings = tmp_path / "ratings.csv"
    ratings.write_text("Word 1,Word 2,Human (mean)\ntiger,cat,7.35\nking,cabbage,0.23\nking,queen,8.58\nking,xqzt,1\n")
    data = json.loads(embstudio("evaluate", "words", ratings, "--json").out)
    assert (data["asked"], data["known"], data["spearman"]) == (4, 3, pytest.approx(1))
    assert "Spearman's rho 1.0000" in embstudio("evaluate", "words", ratings).out


def test_a_set_and_itself(embstudio: Command, glove: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.txt"
    turned.write_text("".join(
        f"{word} 0.0 -{y} {x}\n".replace("--", "")
        for word, x, y, _ in (line.split() for line in glove.read_text().splitlines())
    ))  # fmt: skip
    data = json.loads(embstudio("compare", glove, turned, "-k", 2, "--metric", "euclidean", "--json").out)
    assert (data["shared"], data["overlap"], data["overlap_by_chance"]) == (6, 1, 0.4)
    assert data["moved"] == pytest.approx(0, abs=1e-7)
    said = embstudio("compare", glove, turned, "-k", 2, "--most", 3)
    assert "drawn at random" in said.out
    assert said.status == 0


def test_two_sets_are_asked_the_same_questions(embstudio: Command, tmp_path: Path, words: VectorSet) -> None:
    counted = Runner.open(ModelRef(models_dir() / "words-counted" / "model.onnx")).table
    file = tmp_path / "rated.txt"
    asked = [
        ("king", "queen", 9.0),
        ("cat", "dog", 8.0),
        ("cat", "river", 1.0),
        ("good", "bad", 6.5),
        ("two", "tea", 2),
    ]
    file.write_text("".join(f"{a} {b} {rating}\n" for a, b, rating in asked))
    arguments = ("compare", "words", "words-counted", "--most", 300, "--questions", file)
    data = json.loads(embstudio(*arguments, "--json").out)
    assert (data["shared"], data["first"]["only_here"], data["second"]["only_here"]) == (19999, 9768, 0)
    assert data["special"] == 1
    assert "[UNK]" not in {each["word"] for each in data["most_moved"]}
    assert data["compared"] == 300

    def cosine(table: VectorSet, a: str, b: str) -> float:
        x, y = (table.vectors[table.words.index(word)].astype(float) for word in (a, b))
        return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))

    ratings = np.argsort(np.argsort([rating for *_, rating in asked]))
    for side, table in (("first", words), ("second", counted)):
        likeness = np.argsort(np.argsort([cosine(table, a, b) for a, b, _ in asked]))
        expected = np.corrcoef(ratings, likeness)[0, 1]
        for what in ("own", "shared"):
            answer = data["questions"][what][side]
            assert (answer["kind"], answer["known"]) == ("ratings", 5)
            assert answer["spearman"] == pytest.approx(expected)
    said = embstudio(*arguments)
    assert said.status == 0
    assert "left out: 1 special token, no words" in said.out
    assert re.search(r"all words of each\s+rho 0\.\d+ \(5 of 5 pairs\)", said.out)


def test_two_models_are_compared_over_texts(embstudio: Command, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    texts = ["A dog ran.", "The cat slept.", "She sold her house.", "It was good.", "The film was bad."]
    file.write_text("\n".join([*texts, texts[0], ""]))
    data = json.loads(embstudio("compare", "sentences", "masked-word", "--texts", file, "-k", 2, "--json").out)
    assert (data["of"], data["shared"], data["compared"]) == ("texts", 5, 5)
    assert {each["word"] for each in data["words"]} == set(texts)
    assert (data["first"]["width"], data["second"]["width"]) == (100, 128)
    assert data["second"]["steps"] == ["mean over the tokens of final_norm"]
    assert data["first"]["texts_per_second"] > 0
    assert data["moved_when_shuffled"] > 0
    said = embstudio("compare", "sentences", "no-such-model", "--texts", file)
    assert said.status == 1
    assert "no such model" in said.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("neighbours", "words", "qeen"), "no vector for 'qeen'.*'queen'"),
        (("neighbours", "no such set", "king"), "no such file of vectors.*words"),
        (("neighbours", "sentiment-lstm", "xqzt"), "no vector for 'xqzt'"),
        (("analogy", "words", "king", "man", "womann"), "no vector for 'womann'.*'woman'"),
        (("evaluate", "words", "no such file"), "file of questions could not be read"),
    ],
)
def test_what_there_is_not(embstudio: Command, arguments: tuple[object, ...], reason: str) -> None:
    said = embstudio(*arguments)
    assert (said.status, said.out) == (1, "")
    assert re.search(reason, said.err, re.DOTALL)
