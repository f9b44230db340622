"""The knobs of word2vec."""

from __future__ import annotations

from importlib.util import find_spec

from embstudio.gui.panels.lab.knobs import Choice, Knob, Part, Whole
from embstudio.lab.word2vec.loss_probe import PREDICTIONS
from embstudio.lab.word2vec.settings import CBOW, GENSIM, NEGATIVES, OURS, SKIP_GRAM, SOFTMAX, Settings

KNOBS: tuple[Knob, ...] = (
    Choice(
        "model", "model", (SKIP_GRAM, CBOW),
        "skip-gram: from a word, predict each word around it. CBOW: from the mean of those around, predict the word",
    ),
    Choice(
        "loss", "loss", (NEGATIVES, SOFTMAX),
        "negative sampling: tell the true word from some that are drawn at random. full softmax: from all words",
    ),
    Whole("window", "window", 1, 50, "Words on each side of a word that count as near it"),
    Whole("dimensions", "dimensions", 2, 1000, "Numbers in each vector"),
    Whole("negatives", "negatives", 1, 100, "Words drawn at random for each pair, to be pushed away from it"),
    Whole("epochs", "epochs", 1, 10_000, "How often the text is read from beginning to end"),
    Whole("rarest", "rarest", 1, 100_000, "Words that occur less often than this are left out"),
    Whole("seed", "seed", 0, 2**31 - 1, "Where chance begins: the same seed gives the same run"),
    Choice(
        "trainer", "trainer", (OURS, GENSIM),
        "ours: on one core, every step can be looked at, the same seed gives the same run. gensim: the library of "
        "Řehůřek and Sojka (2010), on several cores, for texts of millions of words",
    ),
    Whole("threads", "threads", 0, 64, "Of gensim. 0: one less than this computer has cores. With 1 a seed gives the "
          "same run again; several write into the tables as it happens"),
    Part("rate", "rate", 0.0001, 100.0, 0.01, 4,
         "How far a step goes at the start; it falls evenly to a hundredth"),
    Part(
        "subsampling", "subsampling", 0.0, 1.0, 0.001, 5,
        "t of Mikolov et al. 2013: a word that makes up the share f of the text is passed over with chance 1 − √(t/f). "
        "0: none is",
    ),
)  # fmt: skip


NO_STEPS = "gensim takes no single steps: its threads learn from thousands of words at a time. Take our own trainer"
_GENSIM = (
    "gensim trains on threads of its own, on several cores at once. What our trainer does and it does not: single "
    "steps, the full softmax, and, with several threads, the same run from the same seed. One goes back to where an "
    "epoch began, not into it. The loss is measured on {count:,} predictions from the text."
)
_MISSING = " gensim is not installed here: pip install 'embstudio[gensim]'."


def idle(settings: Settings) -> tuple[str, ...]:
    """The knobs that do nothing with the others as they are."""
    return (
        *(() if settings.loss == NEGATIVES else ("negatives",)),
        *(() if settings.trainer == GENSIM else ("threads",)),
    )


def about_trainer(settings: Settings) -> str:
    """What the chosen trainer cannot do; "": there is nothing to say."""
    if settings.trainer != GENSIM:
        return ""
    return _GENSIM.format(count=PREDICTIONS) + ("" if find_spec("gensim") else _MISSING)
