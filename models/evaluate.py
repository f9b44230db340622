"""Recompute every figure on the bundled models' cards from the shipped files, and compare:

    python -m models.evaluate --data ../shared/data [words sentiment-lstm …]

Needs onnxruntime, tokenizers and numpy; no trainer. ``--write`` puts the new figures on the cards. What was measured is
recorded in models/evaluated.json with the digests of the files it was measured on, which the tests hold the cards
against. Exit status 1 when a card says something else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from models.recipes import card, figures, masked_quality, sentence_figures, toy_figures

HERE = Path(__file__).parent
RECORD = HERE / "evaluated.json"
MEASURED_ON = ("model.onnx", "tokenizer.json")
MEASURES = {
    "words": figures.of_words,
    "words-counted": figures.of_words,
    "sentiment-lstm": figures.of_sentiment,
    "sentiment-gru": figures.of_sentiment,
    "sentiment-rnn": figures.of_sentiment,
    "sentiment-transformer": figures.of_sentiment,
    "next-word": figures.of_next_word,
    "next-word-shared": figures.of_next_word,
    "masked-word": masked_quality.of_masked_word,
    "sentences": sentence_figures.of_sentences,
    "toy-rnn": toy_figures.of_toy_rnn,
    "toy-lstm": toy_figures.of_toy_lstm,
    "toy-attention": toy_figures.of_toy_attention,
}


def record(name: str, measured: list[dict[str, Any]]) -> None:
    """Put down a model's figures and the digests of its files."""
    known = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    digests = {file: hashlib.sha256((HERE / name / file).read_bytes()).hexdigest() for file in MEASURED_ON}
    known[name] = {"files": digests, "figures": {figure["name"]: figure["value"] for figure in measured}}
    ordered = {each: known[each] for each in MEASURES if each in known}
    RECORD.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("models", nargs="*", metavar="MODEL", help="all when none is named")
    options = parser.parse_args()
    differing = 0
    for name in options.models or MEASURES:
        path = HERE / name / "card.toml"
        claimed = {figure["name"]: figure for figure in card.read(path).get("quality", [])}
        measured = MEASURES[name](HERE / name, options.data)
        print(name, flush=True)
        for figure in measured:
            said = claimed.pop(figure["name"], {}).get("value")
            differing += said != figure["value"]
            verdict = "as on the card" if said == figure["value"] else f"the card says {said}"
            print(f"  {figure['name']:<70} {figure['value']:>8} {figure['unit']:<12} {verdict}")
        differing += len(claimed)
        for figure in claimed.values():
            print(f"  {figure['name']:<70} {figure['value']:>8} {figure['unit']:<12} is on the card, and not measured")
        if options.write:
            card.update(path, quality=measured)
        record(name, measured)
    return int(differing > 0 and not options.write)


if __name__ == "__main__":
    sys.exit(main())
