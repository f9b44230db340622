"""The next-word models, standard and with shared keys and values: one recipe, so that they can be compared.

A GPT-2-like decoder (``decoder.py``) on short simple stories, fairy tales and novels for children, a byte-level
byte-pair tokenizer (Sennrich et al. 2016) learnt from the same. The last weights are shipped: nothing is chosen by the
held-out stories.
"""

from __future__ import annotations

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
from models.recipes.muon import ADAM_RATE, MUON_RATE, optimizers, rate

VOCABULARY, SEED = 4096, 1
BATCH = 16  # windows a step
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


def make(folder: Path, data: Path, *, shared: bool, epochs: float, minutes: float, threads: int) -> None:
    """Train one sibling and write its folder."""
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    texts = stories.read(data)
    tokenizer = learn_tokenizer(texts.training)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    line = as_line(tokenizer, texts.training)
    shape = Shape(VOCABULARY, shared=shared)
    model = Decoder(shape)
    begun = time.monotonic()
    steps = train(model, line, shape.context, epochs, minutes)
    took = (time.monotonic() - begun) / 60

    model.eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.numel() >= half_weights.LARGE:
                weight.copy_(weight.half().float())
        export(model, folder / "model.onnx")
        checks = []
        for text in CHECKS:
            ids = tokenizer.encode(text).ids
            checks.append(card.check(text, ids, "logits", model(torch.tensor([ids]))[0, -1].numpy()))
    words = sum(len(story.split()) for story in texts.training)
    card.update(
        folder / "card.toml",
        max_tokens=shape.context,
        architecture={"family": "pre-norm decoder, keys and values of the embedding" if shared else "pre-norm decoder",
                      "layers": shape.layers, "heads": shape.heads, "d_model": shape.d_model, "d_mlp": shape.d_mlp,
                      "context": shape.context, "vocabulary": VOCABULARY,
                      "parameters": sum(p.numel() for p in model.parameters()), "stored as": "fp16"},
        training=card.training(
            SEED,
            f"{steps:,} steps of {BATCH} x {shape.context} tokens: "
            f"{steps * BATCH * shape.context / len(line):.1f} epochs of {len(line):,} tokens "
            f"({len(texts.training):,} stories and books, {words:,} words; "
            f"{texts.truecased:,} stories had their capitals restored)",
            took,
            f"Muon, rate {MUON_RATE}, for the blocks' matrices; AdamW, rate {ADAM_RATE}, for the rest; "
            "both falling linearly; gradients clipped to norm 1; bfloat16 products",
        ),
        quality=figures.of_next_word(folder, data),
        check=checks,
    )  # fmt: skip
