"""The same texts through two real models, against runs asked for one by one."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.modelfile.catalogue import ModelSource, find
from embstudio.session.messages import EmbedRequest, ModelRef, Request, TraceRequest
from embstudio.session.models import Models
from embstudio.session.stop import Stop
from embstudio.session.worker import _answer
from embstudio.studio.model_tables import KEPT, ModelTables
from embstudio.studio.paired_texts import LANE, PairedTexts, last_states

TEXTS = ("A dog ran after the ball.", "The cat slept all day.", "She sold her old house.")


class Desk:
    """Requests wait until `work` has the real session answer them."""

    def __init__(self) -> None:
        self.models = Models()
        self.waiting: dict[str, Request] = {}
        self.texts = PairedTexts(self.submit, self.cancel, str)
        self.tables = ModelTables(self.submit, self.cancel, str)

    def submit(self, request: Request, lane: str) -> None:
        self.waiting[lane] = request

    def cancel(self, lane: str) -> None:
        self.waiting.pop(lane, None)

    def work(self, steps: int = 1000) -> None:
        for _ in range(steps):
            if not self.waiting:
                return
            lane = next(iter(self.waiting))
            reply = _answer(self.models, self.waiting.pop(lane), Stop())
            if not self.texts.receive(reply):
                self.tables.receive(reply)  # type: ignore[arg-type]  # nothing else is asked here


def ref(source: ModelSource) -> ModelRef:
    return ModelRef(source.path, source.tokenizer)


def test_vectors_of_both_models_are_those_of_single_runs() -> None:
    desk, one, other = Desk(), find("sentences"), find("masked-word")
    told: list[tuple[int, int]] = []
    desk.texts.changed.connect(lambda: told.append((desk.texts.done, desk.texts.total)))
    desk.texts.run(one, other, TEXTS)
    assert desk.texts.running
    desk.work()
    assert desk.texts.error is None
    assert desk.texts.result is not None
    first, second = desk.texts.result
    stop = Stop()
    for row, text in enumerate(TEXTS):
        alone = desk.models.answer(EmbedRequest(ref(one), (text,)), stop)
        np.testing.assert_allclose(first.set.vectors[row], alone.vectors[0], atol=1e-5)  # type: ignore[union-attr]
        trace = desk.models.answer(TraceRequest(ref(other), text=text), stop).trace  # type: ignore[union-attr]
        mean = trace["final_norm"].values.astype(np.float64).mean(axis=0)
        np.testing.assert_allclose(second.set.vectors[row], mean, atol=1e-5)
    assert first.set.words == second.set.words == TEXTS
    assert first.rate > 0
    assert second.rate > 0
    assert second.steps == ("mean over the tokens of final_norm",)
    assert told[-1] == (6, 6)
    assert not desk.texts.running


def test_a_model_of_words_is_asked_for_the_mean_and_says_so() -> None:
    desk = Desk()
    desk.texts.run(find("words"), find("sentiment-gru"), TEXTS)
    desk.work()
    assert desk.texts.result is not None
    first, second = desk.texts.result
    assert first.steps == ("mean of the tokens' vectors",)
    assert second.steps == ("mean over the tokens of gru.0.forward.h",)
    assert np.isfinite(first.set.vectors).all()


def test_what_was_stopped_is_not_gone_on_with() -> None:
    desk, one, other = Desk(), find("sentences"), find("masked-word")
    desk.texts.run(one, other, TEXTS)
    desk.work(1)
    late = desk.waiting[LANE]
    desk.texts.stop()
    assert not desk.texts.running
    assert not desk.waiting
    assert desk.texts.receive(_answer(desk.models, late, Stop()))  # it is nobody else's
    assert desk.texts.result is None
    desk.texts.run(other, one, TEXTS[:1])
    desk.work()
    assert desk.texts.result is not None
    assert desk.texts.result[0].set.words == TEXTS[:1]


def test_a_model_that_knows_nothing_of_texts_is_told_of() -> None:
    desk = Desk()
    desk.texts.run(find("sentences"), ModelSource(find("words").path.with_name("none.onnx")), TEXTS)
    desk.work()
    assert desk.texts.result is None
    assert desk.texts.error is not None
    assert not desk.texts.running


@pytest.mark.parametrize(
    ("names", "last"),
    [
        (("embed", "blocks.2.resid_post", "blocks.10.resid_post", "logits"), ("blocks.10.resid_post",)),
        (("encoder.blocks.1.resid_post", "decoder.blocks.5.resid_post"), ("encoder.blocks.1.resid_post",)),
        (("lstm.0.forward.h", "lstm.1.forward.h", "lstm.1.reverse.h"), ("lstm.1.forward.h", "lstm.1.reverse.h")),
        (("embed", "logits"), ()),
    ],
)
def test_where_a_model_knows_most(names: tuple[str, ...], last: tuple[str, ...]) -> None:
    assert last_states(names) == last


def test_tables_come_are_kept_and_let_go() -> None:
    desk = Desk()
    names = ("words-counted", "toy-rnn", "toy-lstm", "toy-attention")
    for name in names:
        desk.tables.want(find(name))
        assert desk.tables.table(find(name)) is None
        desk.work()
    assert desk.tables.table(find(names[0])) is None
    assert [desk.tables.table(find(name)) is not None for name in names[-KEPT:]] == [True] * KEPT
    told = desk.tables.table(find("toy-rnn"))
    assert told is not None
    assert (told.source, len(told)) == ("embedding table of Toy: the notes' RNN", 18)
    nowhere = ModelSource(find("words").path.with_name("none.onnx"))
    desk.tables.want(nowhere)
    desk.work()
    assert desk.tables.table(nowhere) is None
    assert desk.tables.refusal(nowhere) is not None
