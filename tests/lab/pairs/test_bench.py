"""The bench of pairs: what a seed gives, what a step does, going back, stopping, and what cannot be learnt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.lab.bench import Diverged
from embstudio.lab.pairs.account import Account
from embstudio.lab.pairs.bench import Pairs, PairsOrder
from embstudio.lab.pairs.pair_list import Pair, PairList
from embstudio.lab.pairs.ready import READY, ready_list
from embstudio.lab.pairs.settings import ADAM, BAG, COSINE, ENCODERS, LOSSES, LSTM, TABLE, TRIPLET, Settings

NEAR = {"threshold": 1.0, "margin": 1.5}
QUICK = Settings(epochs=6, dimensions=4, rate=0.05, **NEAR)  # type: ignore[arg-type]
CASES = [
    pytest.param(replace(QUICK, encoder=encoder, loss=loss), id=f"{encoder}-{loss}")
    for encoder in ENCODERS
    for loss in LOSSES
]


def bench_of(name: str, settings: Settings) -> Pairs:
    return PairsOrder.of(settings, ready_list(name)).bench()


def train(bench: Pairs, epochs: int | None = None, seconds: float = 0.0) -> Pairs:
    while bench.epoch < (epochs if epochs is not None else bench.epochs):
        bench.advance(seconds)
    return bench


def weights_of(bench: Pairs) -> list[np.ndarray]:
    return [weight.copy() for weight in bench.encoder.weights.values()]


def equal(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_pair_of_the_worked_example() -> None:
    """The notes guess 2.5, but their vectors are 1.068 apart: the first guess is wrong, and is corrected to 2.5."""
    found = ready_list("cat-and-dog")
    settings = Settings().turned(found.knobs)
    assert (settings.threshold, settings.margin) == (2.0, 2.5)
    bench = PairsOrder.of(settings, found).bench()
    cat, dog = np.array([0.2, 0.8, 0.1]), np.array([0.7, 0.3, 0.9])
    assert np.array_equal(bench.vectors(), [cat, dog])
    assert bench.about.given == ("cat", "dog")
    bench.step()
    account = bench.snapshot().facts.account
    apart = np.linalg.norm(cat - dog)
    judged = account.judged[0]
    assert judged.distance == pytest.approx(1.0677, abs=5e-5)
    assert not judged.right
    assert account.loss == pytest.approx((2.5 - apart) ** 2 / 2)
    assert np.allclose(account.members[0].slope, -(2.5 - apart) / apart * (cat - dog))
    assert np.allclose(account.members[0].after, cat - 0.1 * account.members[0].slope)
    assert judged.after == pytest.approx(apart + 2 * 0.1 * (2.5 - apart))  # both move away, by the same
    end = train(bench).snapshot().facts
    assert end.now.accuracy == 1.0
    assert bench.distances()[0] == pytest.approx(2.5, abs=1e-3)
    assert np.isnan(end.now.held_accuracy)


def test_with_the_margin_at_the_threshold_a_pair_comes_up_to_it_and_not_beyond() -> None:
    bench = PairsOrder.of(Settings(epochs=40), ready_list("cat-and-dog")).bench()
    train(bench)
    assert 1.999 < bench.distances()[0] < 2.0
    assert bench.measure().accuracy == 0.0


@pytest.mark.parametrize("settings", CASES)
def test_the_same_seed_gives_the_same_run_however_it_is_sliced(settings: Settings) -> None:
    one = train(bench_of("sentences", settings))
    other = train(bench_of("sentences", settings), seconds=10.0)
    stepped = bench_of("sentences", settings)
    while stepped.epoch < stepped.epochs:
        stepped.step()
    assert equal(weights_of(one), weights_of(other))
    assert equal(weights_of(one), weights_of(stepped))
    seeded = train(bench_of("sentences", replace(settings, seed=2)))
    assert not equal(weights_of(one), weights_of(seeded))


@pytest.mark.parametrize("settings", [*CASES, pytest.param(replace(QUICK, optimiser=ADAM, encoder=LSTM), id="Adam")])
def test_after_going_back_the_run_is_the_same(settings: Settings) -> None:
    straight = train(bench_of("sentences", settings))
    bench = train(bench_of("sentences", settings), 2)
    kept = bench.state()
    train(bench)
    bench.restore(kept)
    assert bench.epoch == 2
    assert len(bench.snapshot().facts.curve) == 3
    bench.step()
    bench.restore(kept)
    train(bench)
    assert equal(weights_of(bench), weights_of(straight))
    assert np.array_equal(bench.snapshot().facts.curve, straight.snapshot().facts.curve)


@pytest.mark.parametrize("settings", CASES)
def test_an_account_is_exact(settings: Settings) -> None:
    """What it says of before and after is what the encoder gives before and after, to the last bit."""
    bench = train(bench_of("sentences", settings), 1)
    for _ in range(5):
        before = bench.vectors().copy()
        following = bench.snapshot().facts.next
        old = weights_of(bench)
        bench.step()
        account = bench.snapshot().facts.account
        assert account is not None
        assert tuple(judged.pair for judged in account.judged) == following
        for member in account.members:
            assert np.allclose(member.before, before[member.item], atol=1e-13)
            assert np.allclose(member.after, bench.vectors()[member.item], atol=1e-13)
        for judged in account.judged:
            assert judged.after == pytest.approx(bench.distances()[judged.pair], abs=1e-12)
            assert judged.right == ((judged.distance <= 1.0) == judged.same)
        for weight, was, (name, now) in zip(account.weights, old, bench.encoder.weights.items(), strict=True):
            assert weight.name == name
            assert weight.moved == pytest.approx(float(np.linalg.norm(now - was)), abs=1e-12)
            assert weight.moved == pytest.approx(0.05 * weight.slope)
        if settings.loss == TRIPLET:
            same, different = (judged.distance for judged in account.judged)
            assert account.loss == pytest.approx(max(0.0, same**2 - different**2 + 1.5))


@pytest.mark.parametrize("settings", CASES)
def test_learning_makes_verdicts_right(settings: Settings) -> None:
    near = {"threshold": 0.5, "margin": 0.75} if settings.loss == COSINE else {}
    bench = train(bench_of("sentences", replace(settings, epochs=60, rate=0.1, dimensions=8, **near)))  # type: ignore[arg-type]
    curve = bench.snapshot().facts.curve
    assert curve[:, 0].tolist() == list(range(61))
    assert curve[-1, 1] < 0.35 * curve[0, 1]
    if settings.loss != TRIPLET:  # triplets ask for an order, not for a threshold
        assert curve[-1, 3] > 0.9 > curve[0, 3]


def test_what_is_held_out_is_measured_and_not_learnt_from() -> None:
    bench = train(bench_of("words-by-kinds", Settings(epochs=60, **NEAR)))  # type: ignore[arg-type]
    held = bench.about.held
    assert held.sum() == 8
    assert bench.about.examples == 22
    facts = bench.snapshot().facts
    right = (bench.distances() <= 1.0) == bench.items.same
    assert facts.now.accuracy == pytest.approx(right[~held].mean())
    assert facts.now.held_accuracy == pytest.approx(right[held].mean())
    V, (a, b) = bench.vectors(), bench.items.ends[held].T
    D = np.linalg.norm(V[a] - V[b], axis=1)
    y = bench.items.same[held]
    assert facts.now.held_loss == pytest.approx(np.where(y, D**2 / 2, np.maximum(0, 1.5 - D) ** 2 / 2).mean())
    assert facts.nothing == pytest.approx((~bench.items.same[~held]).mean() * 1.5**2 / 2)
    # Other labels of held-out pairs change nothing of what is learnt.
    pairs = ready_list("words-by-kinds").pairs
    turned = tuple(replace(pair, same=pair.same != out) for pair, out in zip(pairs, held.tolist(), strict=True))
    other = train(PairsOrder(bench.settings, turned).bench())
    assert np.array_equal(bench.vectors(), other.vectors())


def test_pairs_of_the_same_items_are_held_out_together() -> None:
    pairs = (*ready_list("contradictory").pairs, Pair("dog", "cat", True))
    bench = PairsOrder(Settings(held_out=0.5, **NEAR), pairs).bench()  # type: ignore[arg-type]
    held = bench.about.held
    assert held[0] == held[1] == held[-1]
    assert 0 < held.sum() < len(held)


def test_a_bag_of_words_knows_no_order() -> None:
    pairs = (Pair("the cat chased the dog", "the dog chased the cat", False), Pair("cat", "a dog ran", True))
    bench = PairsOrder(replace(QUICK, encoder=BAG, held_out=0.0), pairs).bench()
    train(bench)
    assert bench.distances()[0] == 0.0
    account = next(each for each in accounts(bench) if each.judged[0].pair == 0)
    assert not account.moves
    assert account.loss == pytest.approx(1.5**2 / 2)


def accounts(bench: Pairs) -> list[Account]:
    """Of all steps of one more epoch."""
    bench.change(replace(bench.settings, epochs=bench.epoch + 1))
    found = []
    while bench.epoch < bench.epochs:
        bench.step()
        account = bench.snapshot().facts.account
        assert account is not None
        found.append(account)
    return found


def test_triplets_are_made_of_pairs() -> None:
    pairs = (Pair("a", "b", True), Pair("a", "c", False), Pair("d", "b", False), Pair("a", "a", True))
    bench = PairsOrder(replace(QUICK, loss=TRIPLET, held_out=0.0), pairs).bench()
    assert bench._train.rows.tolist() == [[0, 1, 2], [1, 0, 3]]
    assert bench._train.pairs.tolist() == [[0, 1], [0, 2]]
    hub = tuple(Pair("hub", f"{'near' if n % 2 else 'far'} {n}", bool(n % 2)) for n in range(1000))
    bench = PairsOrder(replace(QUICK, loss=TRIPLET, held_out=0.0), hub).bench()
    assert len(bench._train) == 20_000  # of 250,000
    rows, pairs_of = bench._train.rows, bench._train.pairs
    assert len(np.unique(rows, axis=0)) == 20_000
    assert (rows[:, 0] == 0).all()
    assert np.array_equal(bench.items.ends[pairs_of[:, 0], 1], rows[:, 1])
    assert np.array_equal(bench.items.ends[pairs_of[:, 1], 1], rows[:, 2])
    assert bench.items.same[pairs_of].tolist() == [[True, False]] * 20_000
    with pytest.raises(InputError, match="No triplet can be made"):
        PairsOrder(replace(QUICK, loss=TRIPLET), ready_list("cat-and-dog").pairs).bench()


def test_it_stops_when_enough_are_right() -> None:
    bench = train(bench_of("words-by-kinds", Settings(epochs=500, stop_at=0.9, **NEAR)))  # type: ignore[arg-type]
    facts = bench.snapshot().facts
    assert facts.stopped
    assert bench.epoch == bench.epochs < 100
    assert facts.curve[-1, 3] >= 0.9 > facts.curve[-2, 3]
    assert facts.next == ()
    bench.step()
    assert bench.epoch + bench.share == bench.epochs
    bench.change(replace(bench.settings, stop_at=0.0))
    assert bench.epochs == 500


def test_a_rate_that_is_too_high_is_noticed() -> None:
    with pytest.raises(Diverged, match="too high"):
        train(bench_of("words-by-kinds", Settings(rate=3.0, epochs=500, **NEAR)))  # type: ignore[arg-type]
    alone = PairsOrder(Settings(rate=1.5, epochs=500), (Pair("a", "b", True),)).bench()
    with pytest.raises(Diverged):
        train(alone)
    with pytest.raises(Diverged, match="beyond all numbers"):
        train(bench_of("words-by-kinds", Settings(rate=1e200, epochs=500, **NEAR)))  # type: ignore[arg-type]


def test_some_settings_change_while_it_trains() -> None:
    bench = bench_of("words-by-kinds", QUICK)
    bench.step()
    bench.change(replace(QUICK, rate=0.2, margin=2.0, threshold=0.7, epochs=9, layer="linear"))
    assert bench.epochs == 9
    with pytest.raises(InputError, match="loss, seed cannot be changed"):
        bench.change(replace(QUICK, loss=COSINE, seed=3))
    assert replace(QUICK, encoder=BAG).needs_reset(replace(QUICK, encoder=BAG, layer="linear")) == ("layer",)


@pytest.mark.parametrize(
    ("settings", "pairs", "said"),
    [
        (QUICK, [], "no pairs"),
        (QUICK, [Pair("cat", "dog", True), Pair(" ", "dog", True)], "Pair 2 has no first item"),
        (QUICK, [Pair("cat", "Cat ", True)], "with itself"),
        (QUICK, [Pair("a", "b", True)] * 5_001, "too many pairs"),
        (replace(QUICK, encoder=BAG), [Pair("cat", "?!", True)], "no word in “[?]!”"),
        (replace(QUICK, encoder=LSTM), [Pair("cat", "so " * 101, True)], "too long"),
        (replace(QUICK, dimensions=200), [Pair(f"a{n}", f"b{n}", True) for n in range(5_000)], None),
    ],
)  # fmt: skip
def test_pairs_that_nothing_can_be_learnt_from(settings: Settings, pairs: list[Pair], said: str | None) -> None:
    order = PairsOrder(settings, tuple(pairs))
    if said is None:  # many, and yet they are held
        assert len(order.bench().vectors()) == 10_000
        return
    with pytest.raises(InputError, match=said):
        order.bench()


def test_items_that_would_take_too_long() -> None:
    words = [" ".join(f"w{n}x{k}" for k in range(50)) for n in range(400)]
    pairs = tuple(Pair(a, b, False) for a, b in zip(words[::2], words[1::2], strict=True))
    with pytest.raises(InputError, match="400 items × 50 words × 300 dimensions"):
        PairsOrder(replace(QUICK, encoder=BAG, dimensions=300), pairs).bench()
    PairsOrder(replace(QUICK, encoder=BAG, dimensions=30), pairs).bench()
    with pytest.raises(InputError, match="fewer dimensions"):
        PairsOrder(replace(QUICK, encoder=LSTM, dimensions=30), pairs).bench()


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 0.0}, {"rate": float("nan")}, {"margin": -1.0}, {"threshold": 0.0}, {"encoder": "x"}, {"loss": "x"},
        {"loss": COSINE, "margin": 2.0}, {"held_out": 0.95}, {"stop_at": 1.5}, {"dimensions": 0}, {"epochs": 0},
    ],
)  # fmt: skip
def test_settings_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        replace(Settings(), **wrong).check()  # type: ignore[arg-type]


def test_every_ready_list_can_be_trained_with_its_knobs() -> None:
    for name in READY:
        found: PairList = ready_list(name)
        settings = Settings().turned(found.knobs)
        settings.check()
        assert dict(found.knobs).keys() >= {"encoder", "threshold", "margin", "rate"}
        bench = PairsOrder.of(replace(settings, epochs=3), found).bench()
        assert train(bench).epoch == 3
    assert len(ready_list("words-by-kinds").pairs) == 30
    assert len(ready_list("sentences").pairs) == 42
    assert settings.encoder == TABLE
