"""Train the bundled sentence vectors, from the project root:

    python -m models.sentences.train --data ../shared/data

Word vectors, pieces of words, a block of attention and a weighted mean, taught by pairs: first by sentences of plain
text, then by pairs that people rated. ``models/words`` must be made first.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from models.recipes import card, half_weights, pieces, sentence_figures, sentence_pairs
from models.recipes import sentence_training as training
from models.recipes.sentence_encoder import LONGEST, Exported, SentenceEncoder
from models.recipes.shipped import Shipped

HERE = Path(__file__).parent
HEADS, BLOCKS, SEED = 4, 1, 1
TEXT_STEPS, EPOCHS = 700, 6
LONGEST_NEIGHBOUR = 32  # tokens of a sentence of plain text
CHECKS = [
    "A man is slicing a tomato.",
    "The children are playing in the garden",
    "zzyzxq skateboarders in 1987",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    pairs = sentence_pairs.training(options.data)
    texts = [text for pair in pairs for text in (pair.first, pair.second)]
    start = pieces.start(Shipped(HERE.parent / "words"), texts)
    tokenizer = start.tokenizer
    tokenizer.save(str(HERE / "tokenizer.json"), pretty=False)
    model = SentenceEncoder(start, HEADS, BLOCKS)

    def ids(texts: list[str]) -> list[list[int]]:
        return [each.ids or [0] for each in tokenizer.encode_batch(texts)]

    def say(part: str) -> None:
        print(f"{part}  {time.process_time() - begun:.0f} s", flush=True)

    begun = time.process_time()
    plain = sentence_pairs.neighbours(options.data, SEED)
    first, following = (
        [row[:LONGEST_NEIGHBOUR] for row in ids(list(column))] for column in zip(*plain, strict=True)
    )  # fmt: skip
    training.learn_from_text(
        model, list(zip(first, following, strict=True)), TEXT_STEPS, SEED,
        lambda step: say(f"text {step + 1}") if step % 100 == 99 else None,
    )  # fmt: skip
    rated = zip(ids(texts[::2]), ids(texts[1::2]), [pair.rating for pair in pairs], strict=True)
    training.learn_from_ratings(model, list(rated), EPOCHS, SEED, lambda epoch: say(f"epoch {epoch + 1}"))
    ship(model, start, len(plain), len(pairs), (time.process_time() - begun) / 60, options.data)


@torch.no_grad()
def ship(
    model: SentenceEncoder, start: pieces.Start, plain: int, rated: int, minutes: float, data: Path
) -> None:  # fmt: skip
    """Write model.onnx and the measured tables of the card."""
    model.eval()
    exported = Exported(model).eval()
    for weight in exported.parameters():
        if weight.numel() >= half_weights.LARGE:
            weight.copy_(weight.half().float())
    exported.export(HERE / "model.onnx")
    tokenizer = start.tokenizer
    checks = []
    for text in CHECKS:
        row = torch.tensor([tokenizer.encode(text).ids])
        _, vector = exported(row, torch.ones_like(row))
        checks.append(card.check(text, row[0].tolist(), "sentence_vector", vector[0].numpy()))
    card.update(
        HERE / "card.toml",
        max_tokens=LONGEST,
        architecture={
            "family": "transformer encoder, pre-norm, weighted mean of its vectors",
            "layers": BLOCKS,
            "heads": HEADS,
            "width": start.vectors.shape[1],
            "context": LONGEST,
            "vocabulary": len(start.entries),
            "parameters": sum(w.numel() for name, w in exported.named_parameters() if "log_weights" not in name),
            "stored as": "fp16, biases and norms float32",
        },
        training=card.training(
            SEED,
            f"{TEXT_STEPS} steps of {training.TEXT_BATCH} of {plain:,} neighbouring sentences, then {EPOCHS} epochs of "
            f"{rated:,} rated pairs; minutes of one core's time",
            minutes,
            "two copies of one encoder; Adam, learning rate 0.001 falling linearly (weights of the tokens 0.01), "
            "gradients clipped to 1; from text: a sentence with words left out must find its neighbour or itself with "
            "others left out in the batch; from ratings: the order of the cosines (CoSENT), and pairs rated 3.5 and "
            "more must find each other in the batch",
        ),
        quality=sentence_figures.of_sentences(HERE, data),
        check=checks,
    )


if __name__ == "__main__":
    main()
