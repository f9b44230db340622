"""The knobs of the recurrent bench, and settings worth a try."""

from __future__ import annotations

from embstudio.gui.panels.lab.knobs import Choice, Knob, Part, Switch, Whole
from embstudio.lab.recurrent.settings import (
    ADAM,
    AGREE,
    ALL_LENGTHS,
    BATCHES,
    ONE_LENGTH,
    SGD,
    TASKS,
    Settings,
)

KNOBS: tuple[Knob, ...] = (
    Choice("task", "task", TASKS, "What all cells have to learn; said below, with its source"),
    Whole("distance", "distance", 1, 200,
          "Steps between what has to be remembered and the end, where it is asked for. May be changed in training"),
    Choice(
        "lengths", "lengths", (ONE_LENGTH, ALL_LENGTHS),
        "it alone: every example is as long as the distance asks. all up to it: each batch has a distance of its own, "
        "drawn up to that one; what is learnt over short ones helps with the long ones",
    ),
    Switch("rnn", "RNN", "The plain recurrent network: h = tanh(W x + R h + b) (Elman 1990)"),
    Switch("gru", "GRU", "Gated recurrent unit: a gate keeps h or takes a candidate (Cho et al. 2014)"),
    Switch("lstm", "LSTM", "Long short-term memory: a memory c beside h, with a gate that forgets (Hochreiter and "
           "Schmidhuber 1997; Gers et al. 2000)"),
    Whole("units", "units", 2, 256, "Numbers in the hidden state h"),
    Part("forget", "forget bias", -10.0, 10.0, 0.5, 2,
         "What the bias of the gate that keeps begins with: the LSTM's forget gate, the GRU's update gate. 1 or more "
         "begins open, so that memory lasts (Gers et al. 2000); −3 begins nearly shut"),
    Part("scale", "weight scale", 0.0, 20.0, 0.1, 2,
         "Size of the largest eigenvalue (spectral radius) of R at the start, of each gate's part. Far below 1, "
         "gradients vanish on their way back; far above, they explode in an RNN"),
    Part("clipping", "clip at", 0.0, 1_000_000.0, 0.5, 2,
         "A gradient longer than this is shortened to it before the step (Pascanu et al. 2013). 0: never"),
    Choice("optimiser", "optimiser", (ADAM, SGD),
           "How a gradient becomes a step. Adam: each number by its own running mean and size (Kingma and Ba 2015). "
           "SGD: rate times gradient, so that a gradient that explodes makes a step that does"),
    Part("rate", "rate", 0.0001, 1000.0, 0.001, 4, "How far a step goes"),
    Whole("batch", "batch", 1, 512, "Examples whose gradients are averaged for one step"),
    Whole("epochs", "epochs", 1, 2000, f"How long to train; an epoch is {BATCHES} batches of new examples"),
    Whole("seed", "seed", 0, 2**31 - 1, "Where chance begins: the same seed gives the same run"),
)  # fmt: skip

USUAL = Settings()
TRIALS: tuple[tuple[str, str, Settings], ...] = (
    ("20 steps: only gates remember", "The plain RNN's gradient vanishes on the way back", USUAL),
    ("5 steps: all three remember", "Over a short way enough of the gradient arrives", Settings(distance=5)),
    ("Gates that begin shut", "With a forget bias of −3, GRU and LSTM forget as the RNN does", Settings(forget=-3.0)),
    ("60 steps: the LSTM forgets too", "Its forget gates begin at 0.88, of which 60 steps leave next to nothing",
     Settings(distance=60, rnn=False)),
    ("60 steps with open gates", "A forget bias of 4: the gates begin at 0.98, and the LSTM remembers",
     Settings(distance=60, forget=4.0, rnn=False)),
    ("Short distances first", "Trained on all distances up to 20, the RNN learns the short ones, then the long ones",
     Settings(lengths=ALL_LENGTHS)),
    ("Exploding: large weights, no clipping", "With SGD the RNN runs away and is stopped; the LSTM learns",
     Settings(scale=3.0, clipping=0.0, optimiser=SGD, rate=1.5)),
    ("Subject and verb over 12 words", "Agreement across a clause", Settings(task=AGREE, distance=12)),
)  # fmt: skip


def idle(settings: Settings) -> tuple[str, ...]:
    """The knobs that do nothing with the others as they are."""
    return () if settings.gru or settings.lstm else ("forget",)
