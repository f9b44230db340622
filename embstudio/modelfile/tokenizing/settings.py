"""What the small files beside a vocabulary say of it: tokenizer_config.json, special_tokens_map.json,
added_tokens.json, and the config.json of the model. A vocabulary alone does not tell which tokens stand around a text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.model_config import ModelConfig

CONFIG, SPECIAL, ADDED = "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"
ROLES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")


@dataclass(frozen=True)
class TokenizerSettings:
    """entries: of tokenizer_config.json, then of special_tokens_map.json. stated: ids of added tokens by content.

    model_type: the architecture as the model's config.json has it; "" where there is none.
    """

    entries: Mapping[str, Any] = field(default_factory=dict)
    stated: Mapping[str, int] = field(default_factory=dict)
    model_type: str = ""

    @classmethod
    def beside(cls, vocabulary: Path) -> TokenizerSettings:
        """The settings in the folder of a vocabulary's file. Raises TokenizerError for one that is damaged."""
        folder = vocabulary.parent
        config, special, added = (_table(folder / name) for name in (CONFIG, SPECIAL, ADDED))
        stated = {str(content): id_ for content, id_ in added.items() if isinstance(id_, int)}
        decoder = config.get("added_tokens_decoder")
        for id_, token in decoder.items() if isinstance(decoder, dict) else ():
            if id_.isdigit() and isinstance(token, dict) and isinstance(token.get("content"), str):
                stated[token["content"]] = int(id_)
        return cls({**special, **config}, stated, ModelConfig.beside(vocabulary).model_type)

    @cached_property
    def family(self) -> str:
        """Whose conventions the tokenizer follows, in small letters: "bert", "xlmroberta"; "" where nobody says."""
        name = self.entries.get("tokenizer_class")
        named = name.removesuffix("Fast").removesuffix("Tokenizer") if isinstance(name, str) else ""
        # "PreTrainedTokenizerFast" and "TokenizersBackend" are what a tokenizer of any kind may call itself.
        if named in ("", "PreTrained", "TokenizersBackend", "Auto"):
            named = self.model_type
        return "".join(letter for letter in named.lower() if letter.isalnum())

    def token(self, role: str) -> str:
        """The content of a special token by its role ("cls_token"); "" where the files name none."""
        value = self.entries.get(role)
        value = value.get("content") if isinstance(value, dict) else value
        return value if isinstance(value, str) else ""

    def flag(self, name: str) -> bool | None:
        """A yes or no of tokenizer_config.json; None where it says neither."""
        value = self.entries.get(name)
        return value if isinstance(value, bool) else None

    def number(self, name: str) -> int | None:
        """A whole number of tokenizer_config.json."""
        value = self.entries.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @cached_property
    def extra(self) -> tuple[str, ...]:
        """Contents of the further special tokens, beside those with a role."""
        given = self.entries.get("additional_special_tokens") or self.entries.get("extra_special_tokens")
        contents = [token.get("content") if isinstance(token, dict) else token for token in given or ()]
        return tuple(content for content in contents if isinstance(content, str))

    def takes_blank(self, content: str) -> bool | None:
        """Whether an added token takes the blank before it along; None where nothing says so."""
        decoder = self.entries.get("added_tokens_decoder")
        tokens = list(decoder.values()) if isinstance(decoder, dict) else []
        tokens += [self.entries.get(role) for role in ROLES]
        stated = (token for token in tokens if isinstance(token, dict) and token.get("content") == content)
        return next((token.get("lstrip") is True for token in stated), None)

    @cached_property
    def plain(self) -> frozenset[str]:
        """Contents of the added tokens that are words of a text, not special."""
        decoder = self.entries.get("added_tokens_decoder")
        tokens = decoder.values() if isinstance(decoder, dict) else ()
        return frozenset(token["content"] for token in tokens if isinstance(token, dict) and not token.get("special"))


def _table(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            return {}
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(table, dict):
        raise _damaged(path, "It holds no table of entries.")
    return table


def _damaged(path: Path, detail: str) -> TokenizerError:
    return TokenizerError(
        "A file that says how the tokenizer works could not be read.", where=str(path), detail=detail,
        advice="Copy or download it again.",
    )  # fmt: skip
