"""The knobs of the bench of pairs."""

from __future__ import annotations

from embstudio.gui.panels.lab.knobs import Choice, Knob, Part, Whole
from embstudio.lab.pairs.settings import BAG, ENCODERS, LAYERS, LOSSES, OPTIMISERS, Settings

KNOBS: tuple[Knob, ...] = (
    Choice(
        "encoder", "encoder", ENCODERS,
        "What makes a vector of an item. table of vectors: each item has one of its own. bag of words: the mean of its "
        "word vectors, through one layer. LSTM: reads its words in order",
    ),
    Choice("layer", "layer", LAYERS, "Of the bag of words: v = tanh(W·mean + b), or without tanh"),
    Choice(
        "loss", "loss", LOSSES,
        "contrastive: squares of distances, SAME pulled together, DIFFERENT pushed out to the margin (Hadsell et al. "
        "2006). cosine: the same by 1 − cos. triplet: an item nearer to its SAME than to its DIFFERENT (Schroff et al. "
        "2015)",
    ),
    Part("threshold", "threshold", 0.001, 1000.0, 0.1, 3, "A distance beyond it is taken as DIFFERENT"),
    Part(
        "margin", "margin", 0.001, 1000.0, 0.1, 3,
        "How far DIFFERENT items are pushed apart. At the threshold they come up to it and not beyond, and stay wrong: "
        "take it larger. Of triplets: by how much the one square of a distance shall be larger than the other",
    ),
    Part("rate", "rate", 0.0001, 100.0, 0.01, 4, "How far a step goes down the slope of the loss"),
    Choice(
        "optimiser", "optimiser", OPTIMISERS,
        "SGD: move by rate times slope. Adam: by means of the slopes so far (Kingma and Ba 2015); take a smaller rate",
    ),
    Whole("dimensions", "dimensions", 1, 300, "Numbers in each vector, and in each word's"),
    Whole("epochs", "epochs", 1, 10_000, "How often all pairs are learnt from"),
    Part("held_out", "share held out", 0.0, 0.9, 0.05, 2, "Of the pairs: they are not learnt from, and show what was "
         "understood and what only learnt by heart"),
    Part("stop_at", "stop at accuracy", 0.0, 1.0, 0.05, 2, "End when this share of the pairs learnt from is right "
         "after an epoch. 0: only when all epochs are done"),
    Whole("seed", "seed", 0, 2**31 - 1, "Where chance begins: the same seed gives the same vectors at the start, the "
          "same pairs held out, the same run"),
)  # fmt: skip


def idle(settings: Settings) -> tuple[str, ...]:
    """The knobs that do nothing with the others as they are."""
    return () if settings.encoder == BAG else ("layer",)
