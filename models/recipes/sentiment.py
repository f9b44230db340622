"""The sentiment models: words -> vectors -> an RNN, GRU or LSTM -> a verdict after every token; or an encoder -> one.

    x_t = E[id_t],   h_t = cell(x_t, h_(t-1)),   logits_t = W h_t + b
    x_t = E[id_t] + P[t],   two blocks of attention over all tokens,   logits = W mean_t(x_t) + b

All four are trained by this one recipe on the same sentences, so that they can be compared. The encoder, which learns
more slowly from verdicts, reads film reviews first (``first_reading``)."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from onnx import helper, numpy_helper
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from models.recipes import card, contrasts, figures, first_reading, graph, opinions
from models.recipes.encoder import LONGEST, SMOOTHING, Encoder
from models.recipes.opinions import Opinion
from models.recipes.shipped import Shipped
from models.recipes.wording import UNKNOWN, word_tokenizer

WIDTH, UNITS, VOCABULARY, SEED = 100, 64, 12_000, 1
BATCH, TEMPLATED = 64, 6_000
PROS_CONS_SHARE = 0.35  # of the many pros-and-cons phrases, drawn anew each epoch
TREEBANK_SHARE = 0.5  # of the treebank's phrases each epoch; the encoder, which learns more slowly, takes all
HEADS, BLOCKS = 4, 2  # of the encoder
UNKNOWN_RATE = 0.03  # words replaced by [UNK] in training, so that its vector means something
LATER = 0.4  # weight of the verdicts before the last token, the later the heavier
CHECKS = [
    "The film was not good",
    "I expected to hate it but loved it",
    "battery life is short , but a zzyzx camera",
]


class Recurrent(nn.Module):
    """A verdict after every token."""

    def __init__(self, cell: str, table: Tensor) -> None:
        """cell: ``LSTM``, ``GRU`` or ``RNN``; table [vocabulary, WIDTH]: where the word vectors start."""
        super().__init__()
        self.words = nn.Embedding.from_pretrained(table, freeze=False)
        self.dropout = nn.Dropout(0.4)
        self.cell = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}[cell](WIDTH, UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, 2)
        nn.init.orthogonal_(self.cell.weight_hh_l0[-UNITS:])
        if cell == "LSTM":
            nn.init.constant_(
                self.cell.bias_hh_l0[UNITS : 2 * UNITS], 1.0
            )  # remember at first (Jozefowicz et al. 2015)

    def forward(self, ids: Tensor) -> Tensor:
        """ids [batch, pos] -> logits [batch, pos, 2]."""
        h, _ = self.cell(self.dropout(self.words(ids)))
        return self.head(self.dropout(h))

    def loss(self, ids: Tensor, lengths: Tensor, verdicts: Tensor) -> Tensor:
        """-ln p(verdict) at the last token, plus LATER times the mean over all tokens weighted by (t / T)²."""
        logits = self(ids)
        batch, pos, _ = logits.shape
        nats = functional.cross_entropy(logits.flatten(0, 1), verdicts.repeat_interleave(pos), reduction="none")
        nats = nats.view(batch, pos)
        share = (torch.arange(pos) + 1)[None] / lengths[:, None]
        weight = torch.where(share <= 1, share**2, 0.0)
        last = nats.gather(1, lengths[:, None] - 1)[:, 0]
        return (last + LATER * (nats * weight).sum(1) / weight.sum(1)).mean()

    @staticmethod
    def rise(epochs: float) -> float:
        """The share of the learning rate after so many epochs: all of it from the start."""
        return 1.0

    def verdicts(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """logits [batch, 2] after the last token of each."""
        return self(ids)[torch.arange(len(ids)), lengths - 1]


@dataclass(frozen=True)
class Example:
    ids: list[int]
    verdict: int


def vocabulary(training: list[Opinion], known: dict[str, int]) -> list[str]:
    """[UNK], the words of our templates, then those of the training sentences, the most frequent first.

    A word needs two uses, one without a bundled vector four.
    """
    counts = Counter(word for opinion in training for word in opinion.words)
    ours = sorted({w for text, _ in contrasts.templated(20_000, SEED) for w in Opinion(text, 0, "").words})
    frequent = [word for word, n in counts.most_common() if n >= (2 if word in known else 4)]
    return list(dict.fromkeys([UNKNOWN, *ours, *frequent]))[:VOCABULARY]


def starting_table(words: list[str], bundled: Shipped) -> Tensor:
    """[vocabulary, WIDTH]: the bundled word vectors, scaled to a deviation of 1/2; small noise for others."""
    ids = bundled.tokenizer.get_vocab()
    vectors = bundled.run(np.arange(len(bundled.vocabulary)))
    noise = np.random.default_rng(SEED).normal(size=(len(words), WIDTH)).astype(np.float32)
    table = 0.1 * noise
    for row, word in enumerate(words):
        if word in ids and word != UNKNOWN:
            table[row] = vectors[ids[word]] / vectors[1:].std() / 2
    return torch.tensor(table)


def batches(examples: list[Example], draw: random.Random) -> list[list[Example]]:
    """Batches of like lengths, in random order."""
    ordered = sorted(examples, key=lambda e: len(e.ids) + draw.random() * 3)
    rows = [ordered[i : i + BATCH] for i in range(0, len(ordered), BATCH)]
    draw.shuffle(rows)
    return rows


def padded(batch: list[Example]) -> tuple[Tensor, Tensor, Tensor]:
    """ids [batch, pos], lengths [batch], verdicts [batch]; padding lies after the last token, never read."""
    lengths = torch.tensor([len(e.ids) for e in batch])
    ids = torch.zeros(len(batch), int(lengths.max()), dtype=torch.long)
    for row, example in enumerate(batch):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
    return ids, lengths, torch.tensor([e.verdict for e in batch])


@torch.no_grad()
def accuracy(model: Recurrent | Encoder, examples: list[Example]) -> float:
    model.eval()
    right = 0
    for batch in (examples[i : i + 256] for i in range(0, len(examples), 256)):
        ids, lengths, verdicts = padded(batch)
        right += int((model.verdicts(ids, lengths).argmax(1) == verdicts).sum())
    model.train()
    return right / len(examples)


def treebank_share(kind: str) -> float:
    return 1.0 if kind == "encoder" else TREEBANK_SHARE


def train(
    model: Recurrent | Encoder, split: opinions.Split, tokenizer: Tokenizer, epochs: int, rate: float, share: float
) -> int:
    """Adam, linear decay, clipped gradients; leaves the weights of the best epoch by the choosing split."""
    draw = random.Random(SEED)

    def example(text: str, verdict: int) -> Example:
        return Example(tokenizer.encode(text).ids, verdict)

    def of(*sources: str) -> list[Example]:
        return [example(o.text, o.verdict) for o in split.training if o.source in sources]

    always, phrases, treebank = of("UCI", "product reviews"), of("pros and cons"), of("SST-2")
    choosing = [example(o.text, o.verdict) for o in split.choosing]
    slow = [model.words.weight]
    fast = [weight for name, weight in model.named_parameters() if name != "words.weight"]
    optimizer = torch.optim.Adam([{"params": fast, "share": 1.0}, {"params": slow, "share": 0.3}], lr=rate)
    best, best_epoch, kept = 0.0, 0, {}
    for epoch in range(epochs):
        begun = time.monotonic()
        ours = [example(*pair) for pair in contrasts.templated(TEMPLATED, SEED + epoch)]
        drawn = draw.sample(phrases, int(PROS_CONS_SHARE * len(phrases)))
        drawn += draw.sample(treebank, int(share * len(treebank)))
        rows = batches(always + ours + drawn, draw)
        total = 0.0
        for step, batch in enumerate(rows):
            ids, lengths, verdicts = padded(batch)
            ids[torch.rand(ids.shape) < UNKNOWN_RATE] = 0
            for group in optimizer.param_groups:
                done = (epoch + step / len(rows)) / epochs
                group["lr"] = rate * group["share"] * model.rise(done * epochs) * (1 - 0.95 * done)
            loss = model.loss(ids, lengths, verdicts)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item()
        score = accuracy(model, choosing)
        seconds = time.monotonic() - begun
        print(
            f"epoch {epoch + 1}  loss {total / len(rows):.3f}  choosing {100 * score:.1f}%  {seconds:.0f} s",
            flush=True,
        )
        if score > best:
            best, best_epoch = score, epoch + 1
            kept = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(kept)
    model.eval()
    return best_epoch


# PyTorch's i, f, g, o -> ONNX's i, o, f, c; r, z, n -> z, r, h.
GATES = {"LSTM": [0, 3, 1, 2], "GRU": [1, 0, 2], "RNN": [0]}


def export(model: Recurrent, path: Path) -> None:
    """Gather -> Transpose -> LSTM, GRU or RNN -> head, written node by node."""
    kind = type(model.cell).__name__

    def reordered(weight: Tensor) -> np.ndarray:
        parts = weight.detach().numpy().reshape(len(GATES[kind]), UNITS, -1)
        return parts[GATES[kind]].reshape(len(GATES[kind]) * UNITS, -1)

    cell, prefix = model.cell, kind.lower()
    bias = np.concatenate([reordered(cell.bias_ih_l0), reordered(cell.bias_hh_l0)]).reshape(1, -1)
    weights = {
        f"{prefix}_W": reordered(cell.weight_ih_l0)[None],
        f"{prefix}_R": reordered(cell.weight_hh_l0)[None],
        f"{prefix}_B": bias,
        "head_weight": model.head.weight.detach().numpy().T,
        "head_bias": model.head.bias.detach().numpy(),
        "direction_axis": np.array([1]),
    }
    nodes, stored = graph.lookup(model.words.weight.detach().numpy(), "word_vectors", "input_ids", "embedded")
    settings = {"RNN": {"activations": ["Tanh"]}, "GRU": {"linear_before_reset": 1}}.get(kind, {})
    nodes += [
        helper.make_node("Transpose", ["embedded"], ["x"], name="time_first", perm=[1, 0, 2]),
        helper.make_node(
            kind,
            ["x", f"{prefix}_W", f"{prefix}_R", f"{prefix}_B"],
            ["y"],
            name=prefix,
            hidden_size=UNITS,
            **settings,
        ),
        helper.make_node("Squeeze", ["y", "direction_axis"], ["h_time_first"], name="one_direction"),
        helper.make_node("Transpose", ["h_time_first"], ["h"], name="batch_first", perm=[1, 0, 2]),
        helper.make_node("MatMul", ["h", "head_weight"], ["scores"], name="head"),
        helper.make_node("Add", ["scores", "head_bias"], ["logits"], name="head_add_bias"),
    ]
    stored += [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in weights.items()]
    graph.save(path, nodes, stored, "logits", 2, f"sentiment_{prefix}")


FAMILY = {
    "LSTM": "LSTM",
    "GRU": "GRU",
    "RNN": "RNN, tanh",
    "encoder": "transformer encoder, pre-norm, mean of its vectors",
}


def make(folder: Path, data: Path, kind: str, epochs: int, rate: float) -> None:
    """Train one sibling, a key of FAMILY, and write its folder."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    bundled = Shipped(folder.parent / "words")
    split = opinions.split(data)
    words = vocabulary(split.training, bundled.tokenizer.get_vocab())
    tokenizer = word_tokenizer(words, marks=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    table = starting_table(words, bundled)
    model = Encoder(table, HEADS, BLOCKS) if kind == "encoder" else Recurrent(kind, table)
    begun = time.monotonic()
    read = first_reading.read(model, data, split, tokenizer) if isinstance(model, Encoder) else ""
    chosen = train(model, split, tokenizer, epochs, rate, treebank_share(kind))
    minutes = (time.monotonic() - begun) / 60

    with torch.no_grad():
        model.words.weight.copy_(model.words.weight.half().float())
        if isinstance(model, Encoder):
            model.export(folder / "model.onnx")
        else:
            export(model, folder / "model.onnx")
        rows = [(text, torch.tensor([tokenizer.encode(text).ids])) for text in CHECKS]
        checks = [
            card.check(text, ids[0].tolist(), "logits", model.verdicts(ids, torch.tensor([ids.shape[1]]))[0].numpy())
            for text, ids in rows
        ]
    shape = (
        {"layers": BLOCKS, "heads": HEADS, "context": LONGEST} if kind == "encoder" else {"layers": 1, "units": UNITS}
    )
    card.update(
        folder / "card.toml",
        labels=["negative", "positive"],
        architecture={
            "family": FAMILY[kind],
            **shape,
            "embedding": WIDTH,
            "vocabulary": len(words),
            "parameters": sum(p.numel() for p in model.parameters()),
            "stored as": "embedding fp16, the rest float32",
        },
        training=card.training(
            SEED,
            f"{epochs} epochs, the best by the choosing split kept: epoch {chosen}",
            minutes,
            f"Adam, learning rate {rate} falling linearly (embedding 0.3 of it), gradients clipped to 1, "
            f"dropout, batches of {BATCH}; word vectors start from the bundled words; each epoch all "
            f"sentences, {PROS_CONS_SHARE:.0%} of the pros-and-cons phrases, {treebank_share(kind):.0%} of the "
            f"treebank's and {TEMPLATED:,} templated ones"
            + (f"; verdicts smoothed by {SMOOTHING:.0%}; {read}" if kind == "encoder" else ""),
        ),
        quality=figures.of_sentiment(folder, data),
        check=checks,
    )
