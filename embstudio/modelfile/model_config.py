"""The config.json beside a model: what its maker wrote down of it. Words to show, and sizes where the graph has none.

Nothing is recognised by it: what a model is made of is read from the graph. The file is the one transformers' models
come with; names of its entries differ from one architecture to the next, so each property asks for all that are in use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

FILE_NAME = "config.json"

# Models that read more than text keep the entries of the text part in a table of their own.
_INNER = ("text_config", "decoder")
_UNNAMED = re.compile(r"LABEL_(\d+)")


@dataclass(frozen=True)
class ModelConfig:
    """Entries of a config.json by name. Empty where there is no such file; then everything is None or "".

    path:    the file; None without one.
    entries: what it says; the entries of a text part stand beside the others.
    problem: why a file that is there could not be used, as a sentence.
    """

    path: Path | None = None
    entries: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""

    @classmethod
    def beside(cls, model_path: Path) -> ModelConfig:
        """The config.json in a model's folder, or one folder up (the layout onnx/model.onnx). Never raises."""
        for folder in (model_path.parent, model_path.parent.parent):
            path = folder / FILE_NAME
            try:
                if not path.is_file():
                    continue
                entries = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError, RecursionError) as error:
                return cls(path, problem=f"The file {path} could not be read, and was left out: {error}")
            if not isinstance(entries, dict):
                return cls(path, problem=f"The file {path} holds no table of entries, and was left out.")
            inner: dict[str, Any] = {}
            for name in _INNER:
                if isinstance(entries.get(name), dict):
                    inner |= entries[name]
            return cls(path, {**inner, **entries})
        return cls()

    def number(self, *names: str) -> int | None:
        """The first of the named entries that is a whole number."""
        for name in names:
            value = self.entries.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        return None

    def text(self, *names: str) -> str:
        """The first of the named entries that is a text; "" if none is."""
        return next((value for name in names if isinstance(value := self.entries.get(name), str)), "")

    @property
    def model_type(self) -> str:
        """What transformers calls the architecture: to be shown, never to decide by."""
        return self.text("model_type")

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes by number. () where there are none, or only the numbered ones that nobody chose."""
        named = self.entries.get("id2label")
        if not isinstance(named, dict):
            return ()
        labels = tuple(str(named.get(str(number), "")) for number in range(len(named)))
        unnamed = [_UNNAMED.fullmatch(label) for label in labels]
        return () if all(unnamed) or not all(labels) else labels

    @property
    def layers(self) -> int | None:
        """Number of layers of the decoder, or of the only stack."""
        return self.number("decoder_layers", "num_decoder_layers", "num_hidden_layers", "n_layer", "n_layers",
                           "num_layers")  # fmt: skip

    @property
    def width(self) -> int | None:
        """Width of the residual stream."""
        return self.number("hidden_size", "n_embd", "d_model", "dim", "hidden_dim")

    @property
    def heads(self) -> int | None:
        """Query heads of a layer of the decoder, or of the only stack."""
        return self.number("decoder_attention_heads", "num_attention_heads", "n_head", "num_heads", "n_heads")

    @property
    def kv_heads(self) -> int | None:
        """Key/value heads of a layer; as many as query heads where the file names no other number."""
        if self.entries.get("multi_query") is True and not self.entries.get("new_decoder_architecture"):
            return 1
        return self.number("num_key_value_heads", "num_kv_heads", "n_head_kv") or self.heads

    @property
    def head_dim(self) -> int | None:
        """Width of one head; its share of the stream where the file names no other number."""
        stated = self.number("head_dim", "d_kv", "kv_channels")
        if stated or not self.width or not self.heads:
            return stated
        return self.width // self.heads

    @property
    def max_positions(self) -> int | None:
        """The most tokens its maker trained it for."""
        return self.number("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "max_sequence_length")

    @property
    def decoder_start_id(self) -> int | None:
        """The token a decoder starts from."""
        return self.number("decoder_start_token_id", "bos_token_id")
