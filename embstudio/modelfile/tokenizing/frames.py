"""Which tokens stand around a text, and which types the tokens of a pair have, by the family of the tokenizer.

A frame is written as transformers' tokenizers do it (`build_inputs_with_special_tokens` and
`create_token_type_ids_from_sequences` of each): "{cls} A {sep}", with ":1" for a token type that is not 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.modelfile.tokenizing.settings import TokenizerSettings


@dataclass(frozen=True)
class Frame:
    """single, pair: parts with blanks between: A, B, or the role of a special token in braces."""

    single: str
    pair: str

    def parts(self, pair: bool) -> list[tuple[str, int]]:
        """(part, token type) from the first to the last."""
        found = []
        for part in (self.pair if pair else self.single).split():
            name, _, segment = part.partition(":")
            found.append((name.strip("{}"), int(segment or 0)))
        return found

    @property
    def roles(self) -> frozenset[str]:
        """The roles of special tokens that it needs."""
        return frozenset(part for pair in (False, True) for part, _ in self.parts(pair)) - {"A", "B"}


BARE = Frame("A", "A B")
BERT = Frame("{cls} A {sep}", "{cls} A {sep} B:1 {sep}:1")
ROBERTA = Frame("{cls} A {sep}", "{cls} A {sep} {sep} B {sep}")
T5 = Frame("A {eos}", "A {eos} B {eos}")
MARIAN = Frame("A {eos}", "A B {eos}")
XLNET = Frame("A {sep} {cls}:2", "A {sep} B:1 {sep}:1 {cls}:2")
FUNNEL = Frame("{cls}:2 A {sep}", "{cls}:2 A {sep} B:1 {sep}:1")
LANGUAGE_LAST = Frame("A {eos} {language}", "A B {eos} {language}")
LANGUAGE_FIRST = Frame("{language} A {eos}", "{language} A B {eos}")
CLIP = Frame("{bos} A {eos}", "{bos} A {eos} {eos} B {eos}")
XGLM = Frame("{sep} A", "{sep} A {sep} {sep} B")
ESM = Frame("{cls} A {eos}", "{cls} A {eos} B {eos}")

_FRAMES = {
    BERT: "bert albert convbert deberta debertav2 distilbert dpr electra ernie fnet layoutlm lxmert mobilebert "
          "bigbird megatronbert nystromformer realm rembert retribert roformer splinter squeezebert",
    ROBERTA: "roberta bart barthez camembert led longformer mpnet xlmroberta xlmrobertaxl",
    T5: "t5 mt5 umt5 byt5 longt5 switchtransformers",
    MARIAN: "marian pegasus bigbirdpegasus blenderbot",
    XLNET: "xlnet",
    FUNNEL: "funnel",
    LANGUAGE_LAST: "mbart",
    LANGUAGE_FIRST: "mbart50 nllb m2m100",
    CLIP: "clip",
    XGLM: "xglm",
    ESM: "esm",
}  # fmt: skip
_OF_FAMILY = {family: frame for frame, families in _FRAMES.items() for family in families.split()}

# Families that put a token first or last only where tokenizer_config.json says so, and what they do where it is silent.
_BY_FLAG = {
    **dict.fromkeys(
        ["llama", "codellama", "mistral", "mixtral", "gemma", "gemma2", "gemma3", "phi3", "opt"], (True, False)
    ),
    **dict.fromkeys(
        ["gpt2", "codegen", "gptneo", "gptj", "gptneox", "openaigpt", "phi", "qwen2", "qwen3"], (False, False)
    ),
}


def frame_of(settings: TokenizerSettings) -> Frame | None:
    """The frame that the settings tell of; None where they do not."""
    if settings.family in _OF_FAMILY:
        return _OF_FAMILY[settings.family]
    usual = _BY_FLAG.get(settings.family)
    first, last = settings.flag("add_bos_token"), settings.flag("add_eos_token")
    if usual is None and first is None and last is None:
        return None
    usual = usual or (False, False)
    return framed(usual[0] if first is None else first, usual[1] if last is None else last)


def untold(settings: TokenizerSettings, file: str) -> str:
    """Why `frame_of` has no answer, as the beginning of a sentence."""
    if settings.family:
        return f"The files beside {file} name a tokenizer that is not known here ({settings.family})"
    return f"Nothing beside {file} says which tokens stand around a text"


def framed(first: bool, last: bool) -> Frame:
    """Each text with the beginning before it, the end after it, or both; the second text has type 1 as in Llama."""
    before, after = ("{bos} " if first else ""), (" {eos}" if last else "")
    other = f" {before.strip()}:1" if first else ""
    end = f"{after}:1" if last else ""
    return Frame(f"{before}A{after}", f"{before}A{after}{other} B:1{end}")
