"""Vectors of sentences: texts a second of `embstudio embed`, beside a bare loop around onnxruntime.

    python benchmarks/embed.py [MODEL] [--texts 4096] [--batch 32]

MODEL is a bundled or added name (sentences) with inputs `input_ids`, `attention_mask` and, if it has it,
`token_type_ids`; its vector is the output of two axes, or else the mean of the first output. In the same run and in
turns, three times, on made-up sentences of 3 to 40 words: `one at a time` is what people write first, the tokenizers
library and a session of the file as it is; `bare batches` the same with texts as they come, padded; `ours` asks the
worker piece by piece and keeps each in a file with a checksum, the start of the worker and opening the model left out.
Before anything is timed the vectors are held against each other. Prints a markdown table.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import machine
import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from embstudio.modelfile import catalogue
from embstudio.session.messages import ModelRef, Pooling
from embstudio.session.text_vectors.job import EmbedJob
from embstudio.session.worker_client import WorkerClient

_ROUNDS = 3
_TOLERANCE = 1e-4
_WORDS = (
    "the a dog man woman child plays runs eats garden street music guitar river slowly with on near under and or "
    "market company shares fell rose Monday film camera train arrived late early house door window water light"
)


def sentences(count: int) -> list[str]:
    """Made-up ones of 3 to 40 words."""
    random, words = np.random.default_rng(0), _WORDS.split()
    return [" ".join(random.choice(words, random.integers(3, 41))) for _ in range(count)]


class Bare:
    """The loop that people write."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        self._session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.enable_padding()
        self._inputs = [info.name for info in self._session.get_inputs()]
        outputs = self._session.get_outputs()
        own = [info.name for info in outputs if len(info.shape) == 2]
        self.pools = not own
        self._output = own[0] if own else outputs[0].name

    def vectors(self, texts: list[str], batch: int) -> np.ndarray:
        """[texts, width]."""
        return np.concatenate([self._run(texts[start : start + batch]) for start in range(0, len(texts), batch)])

    def _run(self, texts: list[str]) -> np.ndarray:
        found = self._tokenizer.encode_batch(texts)
        feeds = {
            "input_ids": np.array([each.ids for each in found], np.int64),
            "attention_mask": np.array([each.attention_mask for each in found], np.int64),
            "token_type_ids": np.array([each.type_ids for each in found], np.int64),
        }
        value = self._session.run([self._output], {name: feeds[name] for name in self._inputs})[0]
        if not self.pools:
            return np.asarray(value)
        mask = feeds["attention_mask"][:, :, None]
        return np.asarray((value * mask).sum(axis=1) / mask.sum(axis=1))


def seconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("model", nargs="?", default="sentences")
    arguments.add_argument("--texts", type=int, default=4096)
    arguments.add_argument("--batch", type=int, default=32)
    asked = arguments.parse_args()
    source = catalogue.find(asked.model)
    if source.tokenizer is None:
        raise SystemExit("The model must be a bundled or an added one.")
    texts, model = sentences(asked.texts), ModelRef(source.path, source.tokenizer)
    bare = Bare(source.path, source.tokenizer)
    pooling = Pooling("mean") if bare.pools else None
    client = WorkerClient()
    client.start()
    try:
        with tempfile.TemporaryDirectory() as folder:

            def ours(name: str) -> np.ndarray:
                job = EmbedJob(client, model, texts, Path(folder, name), batch=asked.batch, pooling=pooling)
                return job.run().vectors

            difference = np.abs(bare.vectors(texts, 1) - ours("first")).max()
            if difference > _TOLERANCE:
                raise SystemExit(f"The vectors differ by {difference:.2g}: nothing was measured.")
            times = [
                (seconds(lambda: bare.vectors(texts, 1)), seconds(lambda: bare.vectors(texts, asked.batch)),
                 seconds(lambda turn=turn: ours(f"turn {turn}")))
                for turn in range(_ROUNDS)
            ]  # fmt: skip
    finally:
        client.close()
    print(f"{machine.describe()}\n\n{len(texts):,} sentences, {source.title}, largest difference {difference:.1e}\n")
    print("| | texts a second | × one at a time |\n|---|---|---|")
    medians = [statistics.median(each) for each in zip(*times, strict=True)]
    for name, taken in zip(("one at a time", f"bare batches of {asked.batch}", "ours"), medians, strict=True):
        print(f"| {name} | {len(texts) / taken:,.0f} | {medians[0] / taken:.2f} |")


if __name__ == "__main__":
    main()
