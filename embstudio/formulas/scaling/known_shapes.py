"""Shapes that people know, and how many weights they are published to have."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.formulas.scaling.recurrent_shape import RecurrentShape
from embstudio.formulas.scaling.transformer_shape import (
    BOTH,
    DECODER,
    ENCODER,
    GATED,
    NO,
    OWN,
    POOLER,
    QKV,
    RMS_NORM,
    VECTORS,
    TransformerShape,
)

Shape = TransformerShape | RecurrentShape


@dataclass(frozen=True)
class KnownShape:
    """published: weights of the file that its makers gave out; None: there is none."""

    name: str
    shape: Shape
    published: int | None
    source: str


def _gpt2(d_model: int, layers: int, heads: int) -> TransformerShape:
    return TransformerShape(d_model=d_model, layers=layers, heads=heads)


def _bert(d_model: int, layers: int, heads: int) -> TransformerShape:
    return TransformerShape(
        ENCODER, 30_522, d_model, layers, heads, positions=512, segments=2, embedding_norm=True, final_norm=False,
        head=POOLER,
    )  # fmt: skip


def _llama(vocabulary: int, d_model: int, layers: int, heads: int, d_mlp: int, kv_heads: int = 0) -> TransformerShape:
    return TransformerShape(
        DECODER, vocabulary, d_model, layers, heads, kv_heads, d_mlp=d_mlp, mlp=GATED, biases=NO, mlp_biases=False,
        norm=RMS_NORM, positions=0, head=OWN,
    )  # fmt: skip


NOTED = TransformerShape(
    DECODER, 50_000, 768, 12, 12, biases=NO, mlp_biases=False, positions=0, shared_kv=True
)  # of the reading notes: keys and values made once, from the embedding
NOTED_STANDARD = TransformerShape(DECODER, 50_000, 768, 12, 12, biases=NO, mlp_biases=False, positions=0)

KNOWN: tuple[KnownShape, ...] = (
    KnownShape("The notes' transformer", NOTED, None, "50,000 words, 768 wide, 12 layers that share keys and values"),
    KnownShape("GPT-2 small", _gpt2(768, 12, 12), 124_439_808, "Radford et al. 2019"),
    KnownShape("GPT-2 medium", _gpt2(1024, 24, 16), 354_823_168, "Radford et al. 2019"),
    KnownShape("GPT-2 large", _gpt2(1280, 36, 20), 774_030_080, "Radford et al. 2019"),
    KnownShape("GPT-2 XL", _gpt2(1600, 48, 25), 1_557_611_200, "Radford et al. 2019"),
    KnownShape("GPT-3", TransformerShape(d_model=12_288, layers=96, heads=96, positions=2048), None,
               "Brown et al. 2020, table 2.1: “175 B”, no file"),
    KnownShape("BERT base", _bert(768, 12, 12), 109_482_240, "Devlin et al. 2019"),
    KnownShape("BERT large", _bert(1024, 24, 16), 335_141_888, "Devlin et al. 2019"),
    KnownShape("DistilBERT", TransformerShape(ENCODER, 30_522, 768, 6, 12, positions=512, embedding_norm=True,
                                              final_norm=False, head=VECTORS), 66_362_880, "Sanh et al. 2019"),
    KnownShape("MiniLM L6", _bert(384, 6, 12), 22_713_216, "Wang et al. 2020; sentence-transformers"),
    KnownShape("ALBERT base", TransformerShape(ENCODER, 30_000, 768, 12, 12, positions=512, segments=2,
                                               embedding_norm=True, final_norm=False, head=POOLER, d_embedding=128,
                                               distinct=1), 11_683_584, "Lan et al. 2020"),
    KnownShape("T5 small", TransformerShape(BOTH, 32_128, 512, 6, 8, d_mlp=2048, biases=NO, mlp_biases=False,
                                            norm=RMS_NORM, positions=0, relative=32, encoder_layers=6), 60_506_624,
               "Raffel et al. 2020"),
    KnownShape("BART base", TransformerShape(BOTH, 50_265, 768, 6, 12, positions=1026, encoder_layers=6,
                                             embedding_norm=True, final_norm=False), 139_420_416, "Lewis et al. 2020"),
    KnownShape("Llama 2 7B", _llama(32_000, 4096, 32, 32, 11_008), 6_738_415_616, "Touvron et al. 2023"),
    KnownShape("Llama 3 8B", _llama(128_256, 4096, 32, 32, 14_336, 8), 8_030_261_248, "Dubey et al. 2024"),
    KnownShape("Mixtral 8x7B", TransformerShape(DECODER, 32_000, 4096, 32, 32, 8, d_mlp=14_336, mlp=GATED, biases=NO,
                                                mlp_biases=False, norm=RMS_NORM, positions=0, head=OWN, experts=8,
                                                active=2), 46_702_792_704, "Jiang et al. 2024"),
    KnownShape("Qwen2 0.5B", TransformerShape(DECODER, 151_936, 896, 24, 14, 2, d_mlp=4864, mlp=GATED, biases=QKV,
                                              mlp_biases=False, norm=RMS_NORM, positions=0), 494_032_768,
               "Yang et al. 2024"),
    KnownShape("RNN", RecurrentShape("RNN"), None, "Elman 1990"),
    KnownShape("GRU", RecurrentShape("GRU"), None, "Cho et al. 2014"),
    KnownShape("LSTM", RecurrentShape("LSTM"), None, "Hochreiter & Schmidhuber 1997"),
)  # fmt: skip
