"""How many weights a transformer of a given shape has, component by component.

Attention and MLP: Vaswani et al. 2017. Pre-norm decoders: Radford et al. 2019 (GPT-2). Encoders: Devlin et al. 2019
(BERT). Gated MLP: Shazeer 2020. Grouped queries: Ainslie et al. 2023. Factorised embedding, one set of weights for all
layers: Lan et al. 2020 (ALBERT). Mixture of experts: Fedus et al. 2022; Jiang et al. 2024.
"""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.base.errors import InputError

DECODER, ENCODER, BOTH = "decoder", "encoder", "encoder and decoder"
STACKS = (DECODER, ENCODER, BOTH)
ALL, QKV, OUT, NO = "all", "q, k, v", "output", "none"
BIASES = (ALL, QKV, OUT, NO)
PLAIN, GATED, NO_MLP = "plain", "gated", "none"
MLPS = (PLAIN, GATED, NO_MLP)
LAYER_NORM, RMS_NORM = "LayerNorm", "RMSNorm"
NORMS = (LAYER_NORM, RMS_NORM)
TIED, OWN, MASKED, POOLER, VECTORS, CLASSES = (
    "words, tied", "words, own matrix", "masked word (BERT)", "pooler (BERT)", "vectors", "classes",
)  # fmt: skip
HEADS = (TIED, OWN, MASKED, POOLER, VECTORS, CLASSES)
MOST = 10**9  # of anything: the numbers stay exact, and the fields readable


@dataclass(frozen=True)
class TransformerShape:
    """layers: of the decoder, or of the only stack; encoder_layers: of the encoder beside it, which makes every layer
    of the decoder attend to it too. 0 stands for what follows from the rest: kv_heads (heads), d_head (d_model /
    heads), d_mlp (4 d_model), d_embedding (d_model), distinct (layers: how many have weights of their own).

    positions: rows of a learnt table, one for each stack; relative: buckets of learnt relative positions, a number a
    head (T5). shared_kv: one matrix of keys and one of values for all layers, made once from the embedding. biases: of
    the attention's products. norms: of a block, a cross-attention's not counted. experts: MLPs in each block, of which
    a token uses `active`. With both stacks and encoder_layers 0 it attends to an encoder that is kept elsewhere.
    """

    stacks: str = DECODER
    vocabulary: int = 50_257
    d_model: int = 768
    layers: int = 12
    heads: int = 12
    kv_heads: int = 0
    d_head: int = 0
    d_mlp: int = 0
    mlp: str = PLAIN
    biases: str = ALL
    mlp_biases: bool = True
    norm: str = LAYER_NORM
    norms: int = 2
    final_norm: bool = True
    embedding_norm: bool = False
    head: str = TIED
    head_bias: bool = False
    classes: int = 2
    positions: int = 1024
    segments: int = 0
    relative: int = 0
    encoder_layers: int = 0
    d_embedding: int = 0
    distinct: int = 0
    shared_kv: bool = False
    experts: int = 1
    active: int = 1

    def check(self) -> None:
        """Raises InputError for what is no transformer."""
        least = {
            "vocabulary": 1, "d_model": 1, "layers": 1, "heads": 1, "classes": 1, "experts": 1, "active": 1,
            "kv_heads": 0, "d_head": 0, "d_mlp": 0, "norms": 0, "positions": 0, "segments": 0, "relative": 0,
            "encoder_layers": 0, "d_embedding": 0, "distinct": 0,
        }  # fmt: skip
        for name, low in least.items():
            if not low <= getattr(self, name) <= MOST:
                raise InputError(f"{name} must lie between {low} and {MOST:,}.", where=str(getattr(self, name)))
        if not self.d_head and self.d_model % self.heads:
            raise InputError(
                f"{self.heads} heads do not divide d_model = {self.d_model}.",
                advice="Change one of them, or give d_head.",
            )
        if self.heads % self.key_heads:
            raise InputError(
                f"{self.key_heads} key/value heads do not divide {self.heads} heads.",
                advice="Each key/value head serves the same number of heads.",
            )
        if self.active > self.experts:
            raise InputError(
                f"A token cannot use {self.active} of {self.experts} experts.", advice="Lower active, or raise experts."
            )

    # What follows from the rest ------------------------------------------------------------------------------------

    @property
    def key_heads(self) -> int:
        return self.kv_heads or self.heads

    @property
    def head_width(self) -> int:
        return self.d_head or self.d_model // self.heads

    @property
    def d_attention(self) -> int:
        """The queries of all heads together."""
        return self.heads * self.head_width

    @property
    def d_keys(self) -> int:
        return self.key_heads * self.head_width

    @property
    def hidden(self) -> int:
        return self.d_mlp or 4 * self.d_model

    @property
    def width_in(self) -> int:
        """Of the embedding's rows."""
        return self.d_embedding or self.d_model

    @property
    def has_encoder(self) -> bool:
        return self.stacks == BOTH and self.encoder_layers > 0

    @property
    def crossings(self) -> int:
        """Attentions to an encoder."""
        return self.layers if self.stacks == BOTH else 0

    @property
    def depths(self) -> tuple[int, ...]:
        """Layers of each stack."""
        return (self.encoder_layers, self.layers) if self.has_encoder else (self.layers,)

    @property
    def own_layers(self) -> tuple[int, ...]:
        """Layers with weights of their own, of each stack."""
        return tuple(min(depth, self.distinct or depth) for depth in self.depths)

    @property
    def is_causal(self) -> bool:
        """Whether a token of the last stack sees none after itself."""
        return self.stacks != ENCODER

    # Weights -------------------------------------------------------------------------------------------------------

    @property
    def query(self) -> int:
        """W_Q and its bias, of one attention."""
        return self.d_model * self.d_attention + (self.d_attention if self.biases in (ALL, QKV) else 0)

    @property
    def key(self) -> int:
        """W_K and its bias; as many again are W_V."""
        return self.d_model * self.d_keys + (self.d_keys if self.biases in (ALL, QKV) else 0)

    @property
    def output(self) -> int:
        """W_O and its bias."""
        return self.d_attention * self.d_model + (self.d_model if self.biases in (ALL, OUT) else 0)

    @property
    def expert(self) -> int:
        """One MLP: W₂ act(W₁ x), or W₂ (act(W₁ x) ⊙ W₃ x)."""
        if self.mlp == NO_MLP:
            return 0
        inward = 2 if self.mlp == GATED else 1
        biases = inward * self.hidden + self.d_model if self.mlp_biases else 0
        return (inward + 1) * self.d_model * self.hidden + biases

    @property
    def router(self) -> int:
        return self.d_model * self.experts if self.experts > 1 else 0

    @property
    def one_norm(self) -> int:
        """Gain and bias (LayerNorm), or gain alone (RMSNorm)."""
        return (2 if self.norm == LAYER_NORM else 1) * self.d_model


def parameters(shape: TransformerShape) -> dict[str, int]:
    """Weights by component: "embedding", "positions", "segments", "attention", "mlp", "norm", "head"; only those there
    are. Their sum is the model's size."""
    stacks, blocks = len(shape.depths), sum(shape.own_layers)
    crossing = shape.own_layers[-1] if shape.crossings else 0
    attentions = blocks + crossing
    projected = shape.width_in * shape.d_model + shape.d_model if shape.width_in != shape.d_model else 0
    norm_in = 2 if shape.norm == LAYER_NORM else 1
    outside = stacks * ((shape.d_model if shape.final_norm else 0) + (shape.width_in if shape.embedding_norm else 0))
    keys = stacks if shape.shared_kv else attentions
    found = {
        "embedding": shape.vocabulary * shape.width_in + projected,
        "positions": stacks * (shape.positions * shape.width_in + shape.relative * shape.heads),
        "segments": shape.segments * shape.width_in,
        "attention": attentions * (shape.query + shape.output) + keys * 2 * shape.key,
        "mlp": blocks * (shape.experts * shape.expert + shape.router),
        "norm": (blocks * shape.norms + crossing) * shape.one_norm + norm_in * outside,
        "head": head_parameters(shape),
    }
    return {name: count for name, count in found.items() if count}


def head_parameters(shape: TransformerShape) -> int:
    """What comes after the last block. BERT's masked-word head: a d × d layer, a norm, the embedding again, a bias."""
    d, square = shape.width_in, shape.d_model * shape.width_in + shape.width_in
    bias = shape.vocabulary if shape.head_bias else 0
    match shape.head:
        case "words, tied":
            return bias
        case "words, own matrix":
            return shape.vocabulary * shape.d_model + bias
        case "masked word (BERT)":
            return square + 2 * d + shape.vocabulary
        case "pooler (BERT)":
            return shape.d_model * shape.d_model + shape.d_model
        case "classes":
            return shape.classes * shape.d_model + shape.classes
        case _:
            return 0


def total(shape: TransformerShape) -> int:
    """All weights."""
    return sum(parameters(shape).values())


def non_embedding(shape: TransformerShape) -> int:
    """N of Kaplan et al. 2020: the weights of the blocks, without embeddings, positions and the output's matrix."""
    counts = parameters(shape)
    return sum(counts.get(name, 0) for name in ("attention", "mlp", "norm"))


def used_parameters(shape: TransformerShape) -> int:
    """Weights that one token meets: of a mixture of experts fewer than there are."""
    spared = sum(shape.own_layers) * (shape.experts - shape.active) * shape.expert
    return total(shape) - spared
