"""What a vocabulary's entry stands for, as text that a person reads: "Ġdog" and "▁dog" are both " dog"."""

from __future__ import annotations

from embstudio.modelfile.tokenizer import VISIBLE


def readable(piece: str, marks: str) -> str:
    """The text of a piece. marks: how the vocabulary writes spaces and bytes: "bytes" (byte-level BPE's alphabet),
    "metaspace" (▁), "word ends" (</w>), "bytes, word ends" (both) or "" (not at all)."""
    if marks.endswith("word ends"):
        piece = piece.removesuffix("</w>")
    text = piece
    if marks.startswith("bytes") and all(character in BYTE_OF for character in piece):
        raw = bytes(BYTE_OF[character] for character in piece)
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            return "".join(f"<0x{byte:02X}>" for byte in raw)  # a part of a character
    elif marks == "metaspace":
        text = piece.replace("▁", " ")
    if text.isspace():
        text = text.replace(" ", "␣")
    return text.translate(VISIBLE)


def _byte_alphabet() -> dict[str, int]:
    """GPT-2's alphabet of visible characters, one a byte (its encoder.py, `bytes_to_unicode`), turned round."""
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    alphabet = {chr(byte): byte for byte in visible}
    hidden = (byte for byte in range(256) if byte not in visible)
    return alphabet | {chr(256 + place): byte for place, byte in enumerate(hidden)}


BYTE_OF = _byte_alphabet()
