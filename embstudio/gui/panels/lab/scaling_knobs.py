"""The knobs of the scaling calculator: the shape of a model, and what it is to be used for."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QSpinBox

from embstudio.base.errors import InputError
from embstudio.formulas.scaling.recurrent_shape import GATES, RecurrentShape
from embstudio.formulas.scaling.transformer_shape import (
    BIASES,
    BOTH,
    CLASSES,
    HEADS,
    MLPS,
    NO_MLP,
    NORMS,
    STACKS,
    TransformerShape,
)
from embstudio.gui.panels.lab.knobs import Choice, Knob, Knobs, Part, Switch, Whole

_M = 10**7
TRANSFORMER: tuple[Knob, ...] = (
    Choice("stacks", "stack", STACKS, "decoder: each token sees those before it (GPT). encoder: all tokens (BERT). "
           "Both: a decoder that also looks at an encoder's tokens (T5)"),
    Whole("vocabulary", "vocabulary", 1, _M, "Tokens there are: rows of the embedding table"),
    Whole("d_model", "d_model", 1, 10**6, "Numbers in a token's vector on its way through the layers"),
    Whole("layers", "layers", 1, 10_000, "Blocks of attention and MLP; of the decoder, where there are two stacks"),
    Whole("encoder_layers", "encoder layers", 0, 10_000, "Blocks of the encoder beside the decoder"),
    Whole("heads", "heads", 1, 10_000, "Attentions side by side in a layer; how many does not change the weights"),
    Whole("kv_heads", "key/value heads", 0, 10_000,
          "Fewer than heads: several heads share keys and values (grouped queries, Ainslie et al. 2023)"),
    Whole("d_head", "d_head", 0, 100_000, "Numbers in a head's query and key"),
    Whole("d_mlp", "d_mlp", 0, _M, "Width of the MLP's hidden layer"),
    Choice("mlp", "MLP", MLPS, "plain: two matrices. gated: three, one of them a gate (SwiGLU, Shazeer 2020)"),
    Switch("mlp_biases", "MLP biases", "Whether the MLP's products have biases"),
    Choice("biases", "attention biases", BIASES, "Which products of the attention have a bias"),
    Choice("norm", "norm", NORMS, "LayerNorm: a gain and a bias for each number. RMSNorm: a gain"),
    Whole("norms", "norms a layer", 0, 8, "2 in most: one before or after each of attention and MLP"),
    Switch("final_norm", "final norm", "One more norm after the last layer"),
    Switch("embedding_norm", "norm after the embedding", "As BERT has it"),
    Choice("head", "output", HEADS,
           "tied: the embedding serves again to score the next word. own matrix: another as large. BERT: the layers "
           "that its masked words, or its whole text, go through"),
    Switch("head_bias", "output bias", "A number for each word beside the output's matrix"),
    Whole("classes", "classes", 1, _M, "Classes that are told apart"),
    Whole("positions", "learnt positions", 0, _M, "Rows of a table of places; 0: they are worked out (rotary, sines)"),
    Whole("relative", "relative positions", 0, 100_000, "Buckets of relative places, a number a head each (T5: 32)"),
    Whole("segments", "segments", 0, 1000, "Rows that tell sentences apart (BERT: 2)"),
    Whole("d_embedding", "embedding width", 0, 10**6, "Narrower words, made as wide as d_model by a matrix (ALBERT)"),
    Whole("distinct", "layers of their own", 0, 10_000, "Layers with weights of their own (ALBERT: 1)"),
    Switch("shared_kv", "keys and values once",
           "One matrix for keys and one for values, made from the embedding and used by all layers, as the reading "
           "notes have it; standard models have them in each layer"),
    Whole("experts", "experts", 1, 10_000, "MLPs in each layer (mixture of experts)"),
    Whole("active", "active experts", 1, 10_000, "Experts that a token goes through"),
)  # fmt: skip
RECURRENT: tuple[Knob, ...] = (
    Choice("kind", "kind", tuple(GATES), "How many pairs of matrices: an RNN has 1, a GRU 3, an LSTM 4"),
    Whole("vocabulary", "vocabulary", 0, _M, "Tokens there are: rows of the embedding table"),
    Whole("d_embedding", "embedding width", 1, 10**6, "Numbers in a word's vector"),
    Whole("units", "units", 1, 10**6, "Numbers in the state of a layer"),
    Whole("layers", "layers", 1, 1000, "Recurrent layers, one upon the other"),
    Switch("both_ways", "both directions", "A second one reads from the end"),
    Whole("biases", "biases a gate", 0, 2, "PyTorch and ONNX keep 2, papers write 1"),
    Whole("outputs", "outputs", 0, _M, "Classes or words that the states are turned into"),
    Switch("output_bias", "output bias", "A number for each output beside the matrix"),
    Switch("tied", "tied output", "The embedding serves again to score the next word"),
)
_ZERO = {
    "kv_heads": "as heads", "d_head": "d_model / heads", "d_mlp": "4 d_model", "d_embedding": "d_model",
    "distinct": "all", "positions": "none", "relative": "none", "segments": "none",
}  # fmt: skip


@dataclass(frozen=True)
class Use:
    """tokens: billions, read in training. peak: 10^12 operations a second of one machine; reached: percent of them."""

    context: int = 1024
    batch: int = 1
    tokens: float = 10.0
    peak: float = 312.0
    reached: float = 40.0
    machines: int = 1

    def check(self) -> None:
        """Raises InputError for what cannot be."""
        if min(self.context, self.batch, self.machines) < 1 or min(self.tokens, self.peak, self.reached) <= 0:
            raise InputError("All of these must be more than 0.")


USE: tuple[Knob, ...] = (
    Whole("context", "tokens a text", 1, _M, "Length of a text: for what attention and the cache cost"),
    Whole("batch", "texts at once", 1, 10**6, "Texts that are read or written side by side"),
    Part("tokens", "training tokens, billions", 0.001, 1e9, 1.0, 3, "D: tokens read in training"),
    Part("peak", "machine, TFLOP/s", 0.1, 1e9, 10.0, 1,
         "Operations a second, in 10^12, at best. An NVIDIA A100 in bf16: 312 by its data sheet"),
    Part("reached", "reached, %", 0.1, 100.0, 5.0, 1, "Share of that which training reaches; 30 to 50 is usual"),
    Whole("machines", "machines", 1, 10**6, "Machines side by side"),
)  # fmt: skip


def transformer_knobs() -> Knobs[TransformerShape]:
    """Those of a transformer; 0 is written as what it stands for."""
    knobs = Knobs(TransformerShape(), TRANSFORMER, _idle)
    _group(knobs)
    for name, said in _ZERO.items():
        field = knobs.fields[name]
        assert isinstance(field, QSpinBox)
        field.setSpecialValueText(said)
    return knobs


def recurrent_knobs() -> Knobs[RecurrentShape]:
    """Those of a recurrent net."""
    knobs = Knobs(RecurrentShape(), RECURRENT)
    _group(knobs)
    return knobs


def use_knobs() -> Knobs[Use]:
    """Those of what it is used for."""
    knobs = Knobs(Use(), USE)
    _group(knobs)
    return knobs


def _group(knobs: Knobs) -> None:
    for field in knobs.fields.values():
        if not hasattr(field, "currentText") and not hasattr(field, "isChecked"):
            field.setGroupSeparatorShown(True)


def _idle(shape: TransformerShape) -> tuple[str, ...]:
    """Knobs that do nothing with the others as they are."""
    idle = []
    if shape.stacks != BOTH:
        idle.append("encoder_layers")
    if shape.head != CLASSES:
        idle.append("classes")
    if not shape.head.startswith("words"):
        idle.append("head_bias")
    if shape.mlp == NO_MLP:
        idle += ["d_mlp", "mlp_biases", "experts"]
    if shape.experts == 1:
        idle.append("active")
    return tuple(idle)
