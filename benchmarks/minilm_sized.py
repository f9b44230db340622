"""A transformer encoder of all-MiniLM-L6-v2's size with random weights, in PyTorch and as the ONNX file made of it."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from transformers import BertConfig, BertModel

INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class _LastHiddenState(torch.nn.Module):
    """What people export: ids, mask and types in, vectors out, no attentions."""

    def __init__(self, model: BertModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        done = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types)
        return done.last_hidden_state


def torch_model(layers: int = 6, positions: int = 2048) -> BertModel:
    """12 heads, 384 dimensions, 30,522 words; `eager`, which is what hands attention out."""
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=384, num_hidden_layers=layers, num_attention_heads=12, intermediate_size=1536,
        max_position_embeddings=positions, attn_implementation="eager",
    )  # fmt: skip
    return BertModel(config, add_pooling_layer=False).eval()


def export(model: BertModel, path: Path) -> Path:
    """The model as an ONNX file; returns its path."""
    ids = torch.ones(1, 9, dtype=torch.long)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _LastHiddenState(model).eval(), (ids, ids, 0 * ids), path, opset_version=17, dynamo=False,
            input_names=list(INPUTS), output_names=["last_hidden_state"],
            dynamic_axes={name: {0: "batch", 1: "sequence"} for name in (*INPUTS, "last_hidden_state")},
        )  # fmt: skip
    return path
