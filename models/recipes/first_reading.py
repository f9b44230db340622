"""What the sentiment encoder does before it judges: it reads film reviews, and guesses the words hidden in them.

    loss = -ln softmax(E x_t)[word_t]   at the hidden places t, where the encoder sees [UNK]

Blocks of attention learn from few verdicts more slowly than a recurrence does; to predict what stands in a text teaches
them which words go together (Devlin et al. 2019). The texts are whole reviews, whose verdicts are not looked at, and
the training sentences themselves.
"""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from models.recipes import rows
from models.recipes.encoder import Encoder
from models.recipes.muon import optimizers, rate
from models.recipes.opinions import Split, untokenise
from models.recipes.wording import words_and_marks

CONTEXT, TOKENS = 64, 4096  # of a row, of a step
HIDDEN_SHARE, HIDDEN = 0.2, 0  # of the words are asked for; 8 in 10 are seen as [UNK], 1 as another, 1 as itself
SHORTEST = 5  # words of a training sentence that is worth reading
PASSES = 8
SEED = 1


def film_reviews(data: Path, split: Split) -> list[list[str]]:
    """Pang & Lee 2004: 2,000 reviews as sentences; those that are held out anywhere are left out."""
    held_out = {tuple(opinion.words) for opinion in (*split.test, *split.choosing)}
    reviews = []
    with zipfile.ZipFile(data / "sentiment/nltk/movie_reviews.zip") as files:
        for name in sorted(files.namelist()):
            if not name.endswith(".txt") or "README" in name:
                continue
            lines = files.read(name).decode("cp1252", errors="replace").splitlines()
            sentences = [untokenise(line.strip()) for line in lines]
            reviews.append([s for s in sentences if s and tuple(words_and_marks(s)) not in held_out])
    return reviews


def hide(ids: Tensor, vocabulary: int, random_: torch.Generator) -> tuple[Tensor, Tensor]:
    """ids [batch, pos], -1 for padding -> what the encoder sees and where it is asked (both [batch, pos])."""
    asked = (torch.rand(ids.shape, generator=random_) < HIDDEN_SHARE) & (ids > 0)  # nobody can guess an unknown word
    kind = torch.rand(ids.shape, generator=random_)
    seen = torch.where(asked & (kind < 0.8), HIDDEN, ids.clamp(min=0))
    other = torch.randint(1, vocabulary, ids.shape, generator=random_)
    return torch.where(asked & (kind >= 0.9), other, seen), asked


def read(model: Encoder, data: Path, split: Split, tokenizer: Tokenizer) -> str:
    """Train all but the head, products in bfloat16. Returns what was read, in words."""
    texts = [[tokenizer.encode(sentence).ids for sentence in review] for review in film_reviews(data, split)]
    own = [tokenizer.encode(opinion.text).ids for opinion in split.training if len(opinion.words) >= SHORTEST]
    count = sum(len(ids) for text in (*texts, own) for ids in text)
    random_ = torch.Generator().manual_seed(SEED)
    steppers = optimizers(model)
    peaks = [stepper.param_groups[0]["lr"] for stepper in steppers]
    kept, model.dropout.p = model.dropout.p, 0.1
    step = 0
    for epoch in range(PASSES):
        draw = random.Random(SEED * 1000 + epoch)
        made = rows.batches(rows.pack(texts, CONTEXT, draw) + [ids[:CONTEXT] for ids in own], TOKENS, draw)
        mean = 0.0
        for at, ids in enumerate(made):
            seen, asked = hide(ids, len(model.words.weight), random_)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model.vectors(seen, ids < 0)[asked] @ model.words.weight.T
            loss = functional.cross_entropy(logits.float(), ids[asked])
            for stepper, peak in zip(steppers, peaks, strict=True):
                stepper.param_groups[0]["lr"] = peak * rate((epoch + at / len(made)) / PASSES, step)
                stepper.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for stepper in steppers:
                stepper.step()
            step += 1
            mean += loss.item() / len(made)
            if step % 100 == 0:
                print(
                    f"reading: step {step}, pass {epoch + at / len(made):.2f}/{PASSES}  loss {loss.item():.3f}",
                    flush=True,
                )
        print(f"reading: pass {epoch + 1}/{PASSES}  mean loss {mean:.3f}", flush=True)
    model.dropout.p = kept
    return (
        f"first {PASSES} passes over {count:,} words of film reviews and training sentences, of which it guessed "
        f"{HIDDEN_SHARE:.0%}, hidden: Muon for the blocks' matrices, AdamW for the rest"
    )
