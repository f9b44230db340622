"""What formulas ask of models and of the Lab, held against numpy, plain arithmetic and published counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from embstudio.cli.lesson_verb import Workshop
from embstudio.lessons.benches import BENCHES
from embstudio.lessons.evaluate import ClaimError, work_out
from embstudio.lessons.facts import MissingError
from embstudio.lessons.formula import read_formula
from embstudio.lessons.lesson import Run, Training
from embstudio.modelfile.catalogue import find
from embstudio.session.messages import ModelRef
from embstudio.session.runner import Runner

LONG = "The dog that I adopted from the pound five years ago won the pet competition."
NAMES: Mapping[str, object] = {
    "rnn": Run("toy-rnn", LONG),
    "lstm": Run("toy-lstm", LONG),
    "held": Run("toy-lstm", LONG, ("lstm.0.forward.f[0]@that..:=0.5",)),
    "noted": Run("toy-rnn", "The dog was cute"),
    "whole": Run("sentiment-transformer", "The dog was cute"),
    "story": Run("next-word", "The big dog ran"),
    "w": Training("word2vec", (("epochs", 3), ("seed", 2))),
    "p": Training("pairs", (("epochs", 20),), "words-by-kinds"),
    "t": Training("topics", (("epochs", 30), ("topics", 2))),
    "r": Training("recurrent", (("epochs", 1), ("distance", 5), ("units", 8))),
    "bad": Training("pairs", (("epochs", "many"),)),
    "none": Training("pears"),
}
Ask = Callable[[str], object]


@pytest.fixture(scope="module")
def ask() -> Ask:
    """ask(formula): what it comes to, with whatever it takes."""
    workshop = Workshop()

    def value(text: str) -> object:
        while True:
            try:
                return work_out(read_formula(text), NAMES, workshop._needs.facts)
            except MissingError as missing:
                workshop._fetch({missing.need})

    return value


@pytest.fixture(scope="module")
def table() -> Mapping[str, np.ndarray]:
    """The bundled word vectors by their words."""
    source = find("words")
    found = Runner.open(ModelRef(source.path, source.tokenizer)).table
    return dict(zip(found.words, found.vectors.astype(np.float64), strict=True))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("token_place(rnn, 'won')", 12),
        ("steps_between(rnn, 'dog', 'won')", 10),
        ("arrives(lstm, 'dog', 'won', 'lstm.0.forward.c')", 0.8**10),
        ("stretches(rnn, 'won', 'rnn.0.forward.h')", 0.8),
        ("most_arrives(rnn, 'dog', 'won', 'rnn.0.forward.h')", 0.8**10),
        ("product(between(held, 'dog', 'won', 'lstm.0.forward.f[0]'))", 0.5**10),
        ("product(between(held, 'dog', 'won', 'lstm.0.forward.f[1]'))", 0.8**10),
        ("probability(noted, 'cute', 'positive')", 0.85),
        ("value(noted, 'last', 'rnn.0.forward.h[0]')", ((0.1 * 0.8 + 0.3) * 0.8 + 0.4) * 0.8 + 0.6),
        ("sum(values(noted, 'position'))", 6),
        ("weights('GPT-2 small')", 124_439_808),
        ("weights_of('GPT-2 small', 'embedding')", 50_257 * 768),
        ("scaling_loss('Hoffmann', 1e9, 2e10)", 1.69 + 406.4 / 1e9**0.34 + 410.7 / 2e10**0.28),
        ("scaling_floor('Hoffmann')", 1.69),
        ("figure('words', 'WordSim-353')", 0.6275),
        ("card('next-word', 'layers')", 12),
        ("dimensions('words')", 100),
    ],
)
def test_a_number_is_what_arithmetic_says(ask: Ask, formula: str, expected: float) -> None:
    assert ask(formula) == pytest.approx(expected, rel=1e-4)


def test_predictions_of_a_model_that_judges_whole_texts(ask: Ask) -> None:
    source = find("sentiment-transformer")
    runner = Runner.open(ModelRef(source.path, source.tokenizer))
    from embstudio.session.messages import TraceRequest

    scores = runner.trace(TraceRequest(runner.opened.model, text="The dog was"))["logits"].values.astype(np.float64)
    positive = np.exp(scores) / np.exp(scores).sum()
    assert ask("probability(whole, 'was', 'positive')") == pytest.approx(positive.ravel()[1], abs=1e-5)


def test_next_words_and_their_ranks(ask: Ask) -> None:
    first, second = ask("likely(story, 'ran')"), ask("likely(story, 'ran', 2)")
    assert first != second
    assert ask(f"rank(story, 'ran', '{first}')") == 1
    assert ask(f"rank(story, 'ran', '{second}')") == 2
    assert ask(f"probability(story, 'ran', '{first}') > probability(story, 'ran', '{second}')") is True


def test_words_are_asked_as_numpy_would(ask: Ask, table: Mapping[str, np.ndarray]) -> None:
    words = list(table)
    unit = np.array(list(table.values()))
    lengths = np.linalg.norm(unit, axis=1, keepdims=True)
    unit = np.divide(unit, lengths, out=np.zeros_like(unit), where=lengths > 0)
    king, man, woman = (unit[words.index(word)] for word in ("king", "man", "woman"))
    assert ask("likeness('words', 'king', 'man')") == pytest.approx(king @ man, abs=1e-6)
    near = np.argsort(-(unit @ king), kind="stable")
    assert ask("nearest('words', 'king')") == words[near[1]]
    assert ask(f"nearness('words', 'king', '{words[near[7]]}')") == 7
    scores = unit @ (king - man + woman)
    assert ask("analogy_first('words', 'king', 'man', 'woman')") == words[int(scores.argmax())]
    best = next(words[at] for at in np.argsort(-scores) if words[at] not in ("king", "man", "woman"))
    assert ask("analogy('words', 'king', 'man', 'woman')") == best
    assert ask(f"analogy_rank('words', 'king', 'man', 'woman', '{best}')") == 1
    np.testing.assert_allclose(ask("vector('words', 'king')"), table["king"], rtol=1e-6)


def test_what_benches_have_learnt(ask: Ask) -> None:
    cat, dog = (np.asarray(ask(f"learnt(w, 'vector', '{word}')")) for word in ("cat", "dog"))
    cosine = cat @ dog / np.linalg.norm(cat) / np.linalg.norm(dog)
    assert ask("learnt(w, 'likeness', 'cat', 'dog')") == pytest.approx(cosine)
    assert ask("learnt(w, 'loss') < learnt(w, 'loss of knowing nothing')") is True
    one, other = (np.asarray(ask(f"learnt(p, 'vector', '{word}')")) for word in ("cat", "cow"))
    assert ask("learnt(p, 'distance', 'cat', 'cow')") == pytest.approx(np.linalg.norm(one - other))
    assert ask("learnt(p, 'loss') < learnt(p, 'loss at the start')") is True
    shares = [ask(f"learnt(t, 'share', 'Book B', '{word}')") for word in ("cat", "dog")]
    together = ask("learnt(t, 'together', 'cat', 'dog')")
    assert shares[0] == shares[1] if together else sum(map(float, shares)) == pytest.approx(1)
    # An LSTM has four times what a plain RNN has but for the read-out.
    assert ask("learnt(r, 'parameters', 'LSTM') > 2 * learnt(r, 'parameters', 'RNN')") is True
    assert 0 <= float(ask("learnt(r, 'accuracy', 'GRU')")) <= 1


def test_the_same_seed_gives_the_same(ask: Ask) -> None:
    bench = BENCHES["word2vec"].order(NAMES["w"]).bench()  # type: ignore[arg-type]
    while bench.epoch < bench.epochs:
        bench.advance(0.001)
    row = bench.about.words.index("cat")
    np.testing.assert_array_equal(ask("learnt(w, 'vector', 'cat')"), bench.snapshot().arrays[0][row].astype(np.float64))


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("value(rnn, 'cat', 'position')", "no 'cat' among the tokens"),
        ("value(rnn, 'dog', 'lstm.0.forward.c[0]')", "no point lstm.0.forward.c"),
        ("value(rnn, 'dog', 'rnn.0.forward.h[9]')", "no place 9"),
        ("row(rnn, 'dog', 'no.point')", "is no point"),
        ("between(rnn, 'won', 'dog', 'position')", "does not come after"),
        ("arrives(rnn, 'dog', 'won', 'lstm.0.forward.c')", "rnn.0.forward.h"),
        ("nearest('words', 'qwertzuiop')", "not among the words"),
        ("likeness('words', 'cat', 'dog', 'cosign')", "no metric"),
        ("figure('words', 'beauty')", "has no figure"),
        ("learnt(w, 'beauty')", "Word2vec has no 'beauty'"),
        ("learnt(w, 'nearest', 'qwertzuiop')", "not in the text"),
        ("learnt(w, 'likeness', 'cat')", "do not go together"),
        ("learnt(bad, 'loss')", "Epochs cannot be 'many'"),
        ("learnt(none, 'loss')", "no bench 'pears'"),
        ("weights('GPT-9')", "no shape"),
        ("text_vector('words-nobody-has', 'x')", "no such model"),
    ],
)
def test_what_cannot_be_had_is_said(ask: Ask, formula: str, says: str) -> None:
    with pytest.raises(ClaimError) as raised:
        ask(formula)
    assert says.lower() in raised.value.what.lower()
