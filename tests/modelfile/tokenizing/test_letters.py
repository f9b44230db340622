"""A vocabulary of letters. The ids are those that transformers 4.57's EsmTokenizer gives for the same vocab.txt."""

from __future__ import annotations

from pathlib import Path

from embstudio.modelfile.tokenizing.search import open_tokenizer

ESM = ("<cls>", "<pad>", "<eos>", "<unk>", *"LAGVSERTIDPKQNFYMHWCXBUZO.-", "<null_1>", "<mask>")


def test_each_letter_is_a_token(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(ESM))
    (tmp_path / "config.json").write_text('{"model_type": "esm"}')
    tokenizer = open_tokenizer(path)
    assert tokenizer.notes == ()
    assert [token.id for token in tokenizer.encode("MKTV<mask>L")] == [0, 20, 15, 11, 7, 32, 4, 2]
    assert [token.id for token in tokenizer.encode("M k?K")] == [0, 20, 3, 15, 2]
    tokens = tokenizer.encode("M k?K")
    assert [(token.text, token.span, token.unknown) for token in tokens[1:4]] == [
        ("M", (0, 1), False), ("k?", (2, 4), True), ("K", (4, 5), False),
    ]  # fmt: skip


def test_what_is_not_told_is_said(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(ESM))
    assert "ESM" in open_tokenizer(path).notes[0]
