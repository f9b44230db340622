"""Figures on the toys' cards: the noted numbers, read out of the shipped files again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from tokenizers import Tokenizer

from models.recipes import noted
from models.recipes.card import quality
from models.recipes.figures import Figures

WON = noted.LONG.split().index("won")


class Toy:
    """A shipped toy with every tensor of its graph to be read."""

    def __init__(self, folder: Path) -> None:
        model = onnx.load(folder / "model.onnx")
        known = {output.name for output in model.graph.output}
        made = [name for node in model.graph.node for name in node.output if name not in known]
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in made)
        self.session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def __call__(self, text: str, tensor: str) -> np.ndarray:
        """A tensor of the graph without its batch: [pos, …]."""
        [found] = self.session.run([tensor], {"input_ids": np.array([self.tokenizer.encode(text).ids])})
        return np.asarray(found)[0]


def of_toy_rnn(folder: Path, data: Path) -> Figures:
    """The noted verdict, and what is left of "dog" at "won"."""
    toy = Toy(folder)
    noted_85 = f"noted: {noted.RNN_POSITIVE:.0%}; solved for"
    return [
        quality("positive after “The dog was cute”", _positive(toy), "%", "the last word", noted_85),
        *_left_of_dog(toy, "noted as 0.055, counting 13 steps; there are 10"),
    ]


def of_toy_lstm(folder: Path, data: Path) -> Figures:
    """The noted memories, the verdict, and what is left of "dog" at "won". All of the memory is exposed: h = c."""
    toy = Toy(folder)
    memories = toy("The dog that", "h")
    return [
        *(
            _as_noted(f"memory after “{word}”", memory, noted.LSTM_MEMORY[word])
            for word, memory in zip(noted.LSTM_MEMORY, memories, strict=True)
        ),
        quality("positive after “The dog was cute”", _positive(toy), "%", "the last word", "not noted; solved for"),
        *_left_of_dog(toy, "noted as all of it"),
    ]


def of_toy_attention(folder: Path, data: Path) -> Figures:
    """What is noted of "dog" in "The big dog ran"."""
    toy = Toy(folder)
    dog = noted.ATTENTION_WORDS.index("dog")
    wanted = {
        "q": ("query", noted.DOG_QUERY),
        "k": ("key", noted.DOG_KEY),
        "v": ("value", noted.DOG_VALUE),
        "scores": ("scores", noted.SCORES),
        "weights": ("weights after the softmax", noted.WEIGHTS),
        "attended": ("sum of weighted values", noted.WEIGHTED),
    }
    text = " ".join(noted.ATTENTION_WORDS)
    return [
        _as_noted(f"{what} of “dog”", toy(text, tensor)[dog], numbers) for tensor, (what, numbers) in wanted.items()
    ]


def _as_noted(name: str, found: np.ndarray, wanted: Sequence[float]) -> dict[str, object]:
    """How many of the numbers are the noted ones, to as many decimals as are noted."""
    decimals = max(len(str(number).partition(".")[2]) for number in wanted)
    rounded = [round(float(number), decimals) for number in found]
    same = sum(number == noted_one for number, noted_one in zip(rounded, wanted, strict=True))
    return quality(
        name, same, f"of {len(wanted)} as noted", "", ", ".join(f"{number:.{decimals}f}" for number in rounded)
    )


def _positive(toy: Toy) -> float:
    """%, after the noted sentence."""
    negative, positive = toy(noted.RNN_SENTENCE, "logits")[-1].astype(np.float64)
    return float(100 / (1 + np.exp(negative - positive)))


def _left_of_dog(toy: Toy, note: str) -> Figures:
    """The share of what "dog" put into each unit that is there at "won": nothing is squashed, so the rest is the rest.

    "zzyzx" in its place is a word that adds nothing.
    """
    with_dog, without = (toy(text, "h") for text in (noted.LONG, noted.LONG.replace("dog", "zzyzx")))
    part = (with_dog - without).astype(np.float64)
    shares = 100 * part[WON] / part[1]
    steps = WON - 1
    return [
        quality(
            "left of “dog” at “won”", shares[0], "%", f"first unit, {steps} steps on, the noted long sentence", note
        ),
        quality("left of “dog” at “won”, third unit", shares[2], "%", f"{steps} steps on"),
    ]
