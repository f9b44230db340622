"""What is drawn: how far back the answer lies, that nothing is both learnt and held out, and the grammar."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.lab.recurrent.agree import ADJECTIVES, LIKED, MANY, NEAR, ONE, Agree
from embstudio.lab.recurrent.order import MARKS, Order
from embstudio.lab.recurrent.remember import KEYS, Remember
from embstudio.lab.recurrent.tasks import Examples, Task, drawn, is_held_out

TASKS = (Remember, Agree, Order)
DISTANCES = (1, 2, 3, 4, 5, 12, 40)


def of(task: Task, distance: int, count: int = 300, *, held_out: bool = False) -> Examples:
    return drawn(task, np.random.default_rng(3), distance, count, held_out=held_out)


def sentences(task: Task, examples: Examples) -> list[list[str]]:
    return [[task.words[word] for word in column] for column in examples.ids.T]


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("kind", TASKS)
def test_learnt_and_held_out_examples_are_apart_and_have_all_answers(kind: type[Task], distance: int) -> None:
    task = kind()
    if distance < task.shortest:
        return
    learnt, held = of(task, distance), of(task, distance, held_out=True)
    assert len(learnt) == len(held) == 300
    assert not {tuple(column) for column in learnt.ids.T} & {tuple(column) for column in held.ids.T}
    assert is_held_out(held.ids).all()
    for examples in (learnt, held):
        assert set(examples.answers.tolist()) == set(range(len(task.answers)))


@pytest.mark.parametrize("kind", TASKS)
def test_about_a_fifth_is_held_out(kind: type[Task]) -> None:
    drawn_at_once = kind().draw(np.random.default_rng(1), 20, 4000)
    assert 0.17 < is_held_out(drawn_at_once.ids).mean() < 0.23


def test_the_colour_stands_first() -> None:
    task = Remember()
    for sentence, answer in zip(sentences(task, of(task, 7)), of(task, 7).answers, strict=True):
        assert len(sentence) == 8
        assert sentence[0] == task.answers[answer]
        assert not set(sentence[1:]) & set(KEYS)


@pytest.mark.parametrize("distance", DISTANCES)
def test_the_verb_agrees_with_the_noun_so_many_words_before_it(distance: int) -> None:
    task = Agree()
    examples = of(task, distance)
    for sentence, answer in zip(sentences(task, examples), examples.answers.tolist(), strict=True):
        assert sentence[0] == "the"
        assert len(sentence) == distance + 2
        assert task.answers[answer] == ("runs" if sentence[1] in ONE else "run")


def test_sentences_are_in_the_grammar() -> None:
    task, nouns = Agree(), {*ONE, *MANY}
    followers: dict[str, set[str]] = {
        "the": {*nouns, *ADJECTIVES}, "that": {"the"}, **{key: {"the"} for key in NEAR},
        **dict.fromkeys(ADJECTIVES, nouns),
    }  # fmt: skip
    distractors = set()
    for sentence in sentences(task, of(task, 12)):
        for word, following in itertools.pairwise(sentence):
            assert following in followers.get(word, set(task.words)), sentence
        that = [place for place, word in enumerate(sentence) if word == "that"]
        for place in that:  # that the [old] NOUN LIKED
            after = [word for word in sentence[place + 2 : place + 5] if word not in ADJECTIVES]
            assert after[0] in nouns, sentence
            assert after[1] in LIKED, sentence
        assert sum(word in LIKED for word in sentence) == len(that)
        distractors |= {word in ONE for word in sentence[2:] if word in nouns}
    assert distractors == {True, False}  # of both numbers


def test_the_answer_is_the_order_of_both_marks() -> None:
    task = Order()
    examples = of(task, 9)
    for sentence, answer in zip(sentences(task, examples), examples.answers.tolist(), strict=True):
        marks = [word for word in sentence if word in MARKS]
        assert sentence[0] == marks[0]
        assert " ".join(marks) == task.answers[answer]


def test_what_has_too_few_examples_is_said() -> None:
    class Alone(Remember):
        """One sequence only."""

        def draw(self, chance: np.random.Generator, distance: int, count: int) -> Examples:
            return Examples(np.zeros((distance + 1, count), dtype=np.intp), np.zeros(count, dtype=np.intp))

    with pytest.raises(InputError, match="too few"):
        of(Alone(), 3, held_out=not is_held_out(np.zeros((4, 1), dtype=np.intp))[0])
