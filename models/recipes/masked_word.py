"""The masked-word recipe: guess hidden tokens from both sides (Devlin et al. 2019).

The texts are the next-word models', with sentences that show the senses of ambiguous words; so is the tokenizer, with
[MASK] added. The embedding and the blocks start from the next-word model's own, which then learn to look both ways.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import torch
from onnx import load, numpy_helper
from tokenizers import AddedToken, Tokenizer
from torch import Tensor
from torch.nn import functional

from models.recipes import card, half_weights, masked_quality, rows, stories
from models.recipes.masked import CONTEXT, MaskedEncoder
from models.recipes.muon import ADAM_RATE, MUON_RATE, optimizers, rate

MASK, SEED = "[MASK]", 1
D_MODEL, HEADS, LAYERS = 128, 4, 6
TOKENS = 2048  # a step
PEAK = {1: 1.0, 2: 0.5}  # share of the rates in each part
HIDDEN_SHARE = 0.25  # of the tokens are asked for: of these 8 in 10 hidden, 1 replaced by another, 1 left as it is
CHECKS = ["The big dog [MASK] away.", "She put her money in the [MASK].", "Once upon a time"]


def add_mask(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.add_special_tokens([AddedToken(MASK, special=True, lstrip=True)])
    return tokenizer


def start_from(model: MaskedEncoder, decoder: Path) -> None:
    """Copy the shipped decoder's embedding, positions and first blocks; [MASK] starts as the mean of all tokens."""
    weights = {w.name: torch.tensor(numpy_helper.to_array(w)).float() for w in load(decoder).graph.initializer}
    own = dict(model.named_parameters())
    with torch.no_grad():
        table = weights["tokens.weight"]
        own["tokens.weight"][: len(table)] = table
        own["tokens.weight"][len(table) :] = table.mean(0)
        own["positions.weight"].copy_(weights["positions.weight"][:CONTEXT])
        for name, weight in own.items():
            given = name.replace("attention.k", "attention.own.k").replace("attention.v", "attention.own.v")
            if name.startswith("blocks.") and given in weights:
                weight.copy_(weights[given])


def hide(ids: Tensor, mask: int, random_: torch.Generator) -> tuple[Tensor, Tensor]:
    """ids [batch, pos], -1 for padding -> what the model sees and where it is asked (both [batch, pos])."""
    asked = (torch.rand(ids.shape, generator=random_) < HIDDEN_SHARE) & (ids >= 0)
    kind = torch.rand(ids.shape, generator=random_)
    seen = torch.where(asked & (kind < 0.8), mask, ids.clamp(min=0))
    other = torch.randint(mask, ids.shape, generator=random_)
    return torch.where(asked & (kind >= 0.9), other, seen), asked


def train(
    model: MaskedEncoder, texts: list[list[list[int]]], mask: int, epochs: float, minutes: float, height: float
) -> tuple[int, float]:
    """``epochs`` passes, or fewer when ``minutes`` are up; products in bfloat16. Returns steps and passes taken.

    height: of the peak rates, by which they are multiplied.
    """
    steppers = optimizers(model)
    peaks = [stepper.param_groups[0]["lr"] for stepper in steppers]
    random_, begun, step, epoch = torch.Generator().manual_seed(SEED), time.monotonic(), 0, 0
    while True:
        draw = random.Random(SEED * 1000 + epoch)
        made = rows.batches(rows.pack(texts, CONTEXT, draw), TOKENS, draw)
        for at, ids in enumerate(made):
            spent = (time.monotonic() - begun) / 60
            passes = epoch + at / len(made)
            done = max(passes / epochs, spent / minutes)
            if done >= 1:
                return step, passes
            seen, asked = hide(ids, mask, random_)
            padding = ids < 0
            with torch.autocast("cpu", torch.bfloat16):
                vectors = model.vectors(seen, padding if bool(padding.any()) else None)
                logits = model.read_out(vectors[asked])
            loss = functional.cross_entropy(logits.float(), ids[asked])
            for stepper, peak in zip(steppers, peaks, strict=True):
                stepper.param_groups[0]["lr"] = height * peak * rate(done, step)
                stepper.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for stepper in steppers:
                stepper.step()
            step += 1
            if step % 200 == 0:
                print(f"step {step}, pass {passes:.2f}/{epochs}  loss {loss.item():.3f}  {spent:.1f} min", flush=True)
        epoch += 1


def start_again(model: MaskedEncoder, own: Path) -> None:
    """Copy the weights of a model that was stored."""
    weights = {w.name: torch.tensor(numpy_helper.to_array(w)).float() for w in load(own).graph.initializer}
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(weights[name])


def texts_of(data: Path, tokenizer: Tokenizer, part: int) -> tuple[list[list[list[int]]], str]:
    """The texts of a part of the training, as ids of sentences, and what they are."""
    told = stories.read(data).training
    if part == 1:
        shown = rows.showing_senses(data, SEED)
        said = f"{len(told):,} stories and books, {len(shown):,} sentences with ambiguous words"
    else:
        told = random.Random(SEED).sample(told, len(told) // 4)
        shown = rows.around_senses(data, SEED)
        said = f"a quarter of the stories and books, {len(shown):,} passages around homonyms"
    return rows.as_ids(tokenizer, [*told, *shown]), said


def make(folder: Path, data: Path, *, part: int, epochs: float, minutes: float, threads: int) -> None:
    """Train a part and write the model's folder: 1 starts from the next-word model, 2 goes on from what 1 stored."""
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    sibling = folder.parent / "next-word"
    tokenizer = add_mask(Tokenizer.from_file(str(sibling / "tokenizer.json")))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    mask = tokenizer.token_to_id(MASK)
    texts, said = texts_of(data, tokenizer, part)
    count = sum(len(ids) for text in texts for ids in text)
    print(f"{said}: {count:,} tokens", flush=True)
    model = MaskedEncoder(tokenizer.get_vocab_size(), D_MODEL, HEADS, LAYERS)
    before = {"length": "", "minutes": 0.0}
    if part == 1:
        start_from(model, sibling / "model.onnx")
    else:
        start_again(model, folder / "model.onnx")
        before = card.read(folder / "card.toml")["training"]
    begun = time.monotonic()
    steps, passes = train(model, texts, mask, epochs, minutes, PEAK[part])
    took = (time.monotonic() - begun) / 60

    model.eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.numel() >= half_weights.LARGE:
                weight.copy_(weight.half().float())
        model.export(folder / "model.onnx")
        checks = []
        for text in CHECKS:
            ids = tokenizer.encode(text).ids
            logits, _ = model(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.long))
            checks.append(card.check(text, ids, "logits", logits[0, -1].numpy()))
    length = f"{steps:,} steps of about {TOKENS:,} tokens, {passes:.1f} passes over {count:,} tokens ({said})"
    card.update(
        folder / "card.toml",
        max_tokens=CONTEXT,
        architecture={"family": "pre-norm encoder", "layers": LAYERS, "heads": HEADS, "d_model": D_MODEL,
                      "d_mlp": 4 * D_MODEL, "context": CONTEXT, "vocabulary": mask + 1,
                      "parameters": sum(p.numel() for p in model.parameters()), "stored as": "fp16"},
        training=card.training(
            SEED,
            "; then ".join(filter(None, (before["length"], length))),
            before["minutes"] + took,
            f"starts from the bundled next-word model; {HIDDEN_SHARE:.0%} of the tokens asked for; "
            f"Muon, rate {MUON_RATE}, for the blocks' matrices; AdamW, rate {ADAM_RATE}, for the rest; "
            f"{PEAK[2]:g} of these in the second part; all falling linearly; bfloat16 products",
        ),
        quality=masked_quality.of_masked_word(folder, data),
        check=checks,
    )  # fmt: skip
