"""What the files beside a model say of numbers that its graph leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embstudio.modelfile.genai_config import decoder_entries, genai_entries
from embstudio.modelfile.model_config import ModelConfig


@dataclass(frozen=True)
class Beside:
    """Sizes of the cache and ids of special tokens, from config.json or onnxruntime-genai's genai_config.json; None
    where neither says. causal: whether it is said that each token sees only those before it."""

    kv_heads: int | None = None
    head_width: int | None = None
    pad_id: int | None = None
    start_id: int | None = None
    causal: bool | None = None

    @classmethod
    def of(cls, model_path: Path) -> Beside:
        """What lies in a model's folder or one folder up. Never raises."""
        config, genai = ModelConfig.beside(model_path), genai_entries(model_path.parent)
        decoder = decoder_entries(model_path.parent)
        architectures = " ".join(map(str, config.entries.get("architectures") or ()))
        causal = True if genai or "CausalLM" in architectures or "LMHead" in architectures else None
        return cls(
            _number(decoder, "num_key_value_heads") or config.kv_heads,
            _number(decoder, "head_size") or config.head_dim,
            _first(_number(genai, "pad_token_id"), config.number("pad_token_id")),
            _first(config.decoder_start_id, _number(genai, "bos_token_id"), config.number("pad_token_id")),
            causal if architectures or genai else None,
        )


def _number(entries: Any, name: str) -> int | None:
    value = entries.get(name) if isinstance(entries, dict) else None
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
