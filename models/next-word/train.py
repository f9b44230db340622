"""Train the bundled next-word model, from the project root:

    python -m models.next-word.train --data ../shared/data

A GPT-2-like decoder (``models/recipes/decoder.py``) on short simple stories and fairy tales, a byte-level
byte-pair tokenizer (Sennrich et al. 2016) learnt from the same stories. The last weights are shipped: nothing
is chosen by the held-out stories.
"""

from __future__ import annotations

import argparse
import io
import time
import warnings
from pathlib import Path

import onnx
import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from torch.nn import functional

from models.recipes import card, figures, half_weights, stories
from models.recipes.decoder import Decoder, Shape

HERE = Path(__file__).parent
VOCABULARY, SEED = 4096, 1
BATCH, WARM_UP = 8, 100  # windows a step; steps until the rates are at their peak
MUON_RATE, ADAM_RATE = 0.025, 5e-3
END = "<|endoftext|>"  # id 0, between stories
CHECKS = ["The big dog ran", "Once upon a time, there was a little girl", 'Tom said, "I am']


def learn_tokenizer(texts: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def as_line(tokenizer: Tokenizer, texts: list[str]) -> torch.Tensor:
    """All texts as one line of ids [pos], END before each and at the end."""
    ids = [0]
    for encoding in tokenizer.encode_batch(texts):
        ids += [*encoding.ids, 0]
    return torch.tensor(ids)


def windows(line: torch.Tensor, length: int, epoch: int) -> torch.Tensor:
    """The line cut into rows [rows, length + 1] from another offset each epoch, shuffled."""
    random = torch.Generator().manual_seed(SEED * 1000 + epoch)
    start = int(torch.randint(length, (1,), generator=random))
    rows = line[start:].unfold(0, length + 1, length)
    return rows[torch.randperm(len(rows), generator=random)]


def rate(done: float, step: int) -> float:
    """The share of the peak rate: warm-up, then a straight line down to a fiftieth as ``done`` goes to 1."""
    return min(1, (step + 1) / WARM_UP) * (1 - 0.98 * min(done, 1))


def optimizers(model: Decoder) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for the blocks' matrices, AdamW for tables, norms and biases.

    After 600,000 tokens, held-out loss with Muon was 3.74 nats a token, with AdamW alone 4.26.
    """
    matrices = [p for p in model.blocks.parameters() if p.dim() == 2]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=MUON_RATE, momentum=0.95, weight_decay=0.01),
        torch.optim.AdamW(others, lr=ADAM_RATE, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def train(model: Decoder, line: torch.Tensor, context: int, epochs: float, minutes: float) -> int:
    """``epochs`` passes, or fewer when ``minutes`` are up; products in bfloat16. Returns the steps taken."""
    rules = optimizers(model)
    peaks = [rule.param_groups[0]["lr"] for rule in rules]
    steps = int(epochs * (len(line) // context) / BATCH)
    step, epoch, begun = 0, 0, time.monotonic()
    while True:
        for rows in windows(line, context, epoch).split(BATCH):
            spent = (time.monotonic() - begun) / 60
            done = max(step / steps, spent / minutes)
            if done >= 1:
                return step
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(rows[:, :-1])
            loss = functional.cross_entropy(logits.float().flatten(0, 1), rows[:, 1:].flatten())
            for rule, peak in zip(rules, peaks, strict=True):
                rule.param_groups[0]["lr"] = peak * rate(done, step)
                rule.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for rule in rules:
                rule.step()
            step += 1
            if step % 200 == 0:
                print(f"step {step}/{steps}  loss {loss.item():.3f}  {spent:.1f} min", flush=True)
        epoch += 1


def export(model: Decoder, path: Path) -> None:
    """The TorchScript exporter's graph, unfolded so that weights keep their names, large weights as fp16."""
    model.spell_out()
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the older exporter, chosen for its plain graphs
        torch.onnx.export(
            model, (torch.zeros(1, 8, dtype=torch.long),), buffer, dynamo=False, opset_version=17,
            do_constant_folding=False, input_names=["input_ids"], output_names=["logits"],
            dynamic_axes={"input_ids": {0: "batch", 1: "pos"}, "logits": {0: "batch", 1: "pos"}},
        )  # fmt: skip
    exported = onnx.load_from_string(buffer.getvalue())
    half_weights.store_half(exported)
    onnx.checker.check_model(exported, full_check=True)
    path.write_bytes(exported.SerializeToString())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--epochs", type=float, default=6)
    parser.add_argument("--minutes", type=float, default=60, help="stop after so long, the rate falling in time")
    options = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(2)

    texts = stories.read(options.data)
    tokenizer = learn_tokenizer(texts.training)
    tokenizer.save(str(HERE / "tokenizer.json"), pretty=False)
    line = as_line(tokenizer, texts.training)
    shape = Shape(VOCABULARY)
    model = Decoder(shape)
    begun = time.monotonic()
    steps = train(model, line, shape.context, options.epochs, options.minutes)
    minutes = (time.monotonic() - begun) / 60

    model.eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.numel() >= half_weights.LARGE:
                weight.copy_(weight.half().float())
        export(model, HERE / "model.onnx")
        checks = []
        for text in CHECKS:
            ids = tokenizer.encode(text).ids
            checks.append(card.check(text, ids, "logits", model(torch.tensor([ids]))[0, -1].numpy()))
    words = sum(len(story.split()) for story in texts.training)
    card.update(
        HERE / "card.toml",
        max_tokens=shape.context,
        architecture={"family": "pre-norm decoder", "layers": shape.layers, "heads": shape.heads,
                      "d_model": shape.d_model, "context": shape.context, "vocabulary": VOCABULARY,
                      "parameters": sum(p.numel() for p in model.parameters()), "stored as": "fp16"},
        training=card.training(
            SEED,
            f"{steps:,} steps of {BATCH} x {shape.context} tokens: "
            f"{steps * BATCH * shape.context / len(line):.1f} epochs of {len(line):,} tokens "
            f"({len(texts.training):,} stories, {words:,} words; "
            f"{texts.truecased:,} stories had their capitals restored)",
            minutes,
            f"Muon, rate {MUON_RATE}, for the blocks' matrices; AdamW, rate {ADAM_RATE}, for the rest; "
            "both falling linearly; gradients clipped to norm 1; bfloat16 products",
        ),
        quality=figures.of_next_word(HERE, options.data),
        check=checks,
    )  # fmt: skip


if __name__ == "__main__":
    main()
