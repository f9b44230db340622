"""Makes the models and references in this folder: tiny exports, and what PyTorch's autograd says of them in float64.

Needs torch, transformers and onnx. Each NAME.npz holds the ids, `score` and `saliency` = ∂ score / ∂ embeddings
[pos, width] of the highest score at the token `token`, and `norms` [pos] = ‖∂ v / ∂ x_t‖ of the vector v that the last
layer makes of that token, before any final norm. Of an encoder-decoder, `encoder.…` are by the source's embeddings.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

HERE = Path(__file__).parent
VOCAB, WIDTH, LENGTH, TOKEN = 24, 12, 6, 4


class Recurrent(nn.Module):
    """Embedding, recurrent layers, a score of two classes at every token."""

    def __init__(self, kind: type[nn.RNNBase], layers: int, bidirectional: bool) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, WIDTH)
        self.layers = kind(WIDTH, 5, layers, bidirectional=bidirectional, batch_first=True)
        self.head = nn.Linear(10 if bidirectional else 5, 2)

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers(self.embedding(input_ids))[0])

    def get_input_embeddings(self) -> nn.Module:
        return self.embedding


class Scores(nn.Module):
    """A model of transformers by its ids alone, its scores alone."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, decoder_input_ids: torch.Tensor | None = None) -> torch.Tensor:
        given = {"input_ids": input_ids, "attention_mask": torch.ones_like(input_ids)}
        if decoder_input_ids is not None:
            given["decoder_input_ids"] = decoder_input_ids
        if not isinstance(self.model, BertForSequenceClassification):
            given["use_cache"] = False
        return self.model(**given).logits


def models() -> dict[str, tuple[nn.Module, nn.Module]]:
    """Name → the model, and the part of it whose output is v."""
    common = {"vocab_size": VOCAB, "attn_implementation": "eager"}
    bert = BertForSequenceClassification(BertConfig(
        hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, num_labels=3,
        max_position_embeddings=16, **common,
    ))  # fmt: skip
    gpt2 = GPT2LMHeadModel(GPT2Config(n_embd=WIDTH, n_layer=2, n_head=2, n_positions=16, **common))
    llama = LlamaForCausalLM(LlamaConfig(
        hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, intermediate_size=16,
        max_position_embeddings=16, **common,
    ))  # fmt: skip
    t5 = T5ForConditionalGeneration(T5Config(
        d_model=WIDTH, d_kv=4, d_ff=16, num_layers=1, num_decoder_layers=1, num_heads=2, decoder_start_token_id=0,
        feed_forward_proj="gated-gelu", **common,
    ))  # fmt: skip
    recurrent = {
        "lstm": Recurrent(nn.LSTM, 2, True), "gru": Recurrent(nn.GRU, 2, True), "rnn": Recurrent(nn.RNN, 1, False),
    }  # fmt: skip
    found = {
        "bert": (bert, bert.bert.encoder.layer[-1]), "gpt2": (gpt2, gpt2.transformer.h[-1]),
        "llama": (llama, llama.model.layers[-1]), "t5": (t5, t5.decoder.block[-1]),
    }  # fmt: skip
    return {**found, **{name: (model, model.layers) for name, model in recurrent.items()}}


def embeddings(name: str, model: nn.Module) -> dict[str, nn.Module]:
    """By the stack: "" where there is one."""
    if name == "t5":
        return {"encoder.": model.encoder.embed_tokens, "decoder.": model.decoder.embed_tokens}
    return {"": model.get_input_embeddings()}


def keep(values: dict[str, torch.Tensor], name: str, part: nn.Module, *, free: bool) -> None:
    """Put what a part makes into `values` when the model runs; free: cut off from what made it."""

    def hook(module: nn.Module, inputs: object, output):
        value = output[0] if isinstance(output, tuple) else output
        values[name] = value.detach().requires_grad_(True) if free else value
        return values[name] if free else None

    part.register_forward_hook(hook)


def make(name: str, model: nn.Module, last: nn.Module) -> None:
    torch.manual_seed(7)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=0.4)
    model.eval()
    ids = torch.randint(3, VOCAB, (1, LENGTH), generator=torch.Generator().manual_seed(1))
    second = torch.randint(3, VOCAB, (1, LENGTH - 1), generator=torch.Generator().manual_seed(2))
    inputs = (ids, second) if name == "t5" else (ids,)
    names = ["input_ids", "decoder_input_ids"][: len(inputs)]
    whole = (model if isinstance(model, Recurrent) else Scores(model)).eval()
    export(name, whole, inputs, names)

    model.double()
    kept: dict[str, torch.Tensor] = {}
    keep(kept, "last", last, free=False)
    stacks = embeddings(name, model)
    for stack, part in stacks.items():
        keep(kept, stack, part, free=True)
    scores = whole(*inputs)[0]
    token = 0 if name == "bert" else TOKEN
    row = scores if scores.ndim == 1 else scores[token]
    output = int(row.argmax())
    found: dict[str, np.ndarray] = {
        **{each: value.numpy() for each, value in zip(names, inputs, strict=True)},
        "token": np.array(token), "output": np.array(output), "score": row[output].detach().numpy(),
    }  # fmt: skip
    v = kept["last"][0, token]
    for prefix in stacks:
        x = kept[prefix]
        found[f"{prefix}saliency"] = torch.autograd.grad(row[output], x, retain_graph=True)[0][0].numpy()
        rows = [torch.autograd.grad(entry, x, retain_graph=True)[0][0] for entry in v]
        found[f"{prefix}norms"] = torch.stack(rows).norm(dim=(0, 2)).numpy()
    np.savez_compressed(HERE / f"{name}.npz", **found)


def export(name: str, model: nn.Module, inputs: tuple[torch.Tensor, ...], names: list[str]) -> None:
    path = HERE / f"{name}.onnx"
    torch.onnx.export(
        model, inputs, path, input_names=names, output_names=["logits"], opset_version=17, dynamo=False,
        dynamic_axes={each: {0: "batch", 1: f"{each}_length"} for each in names},
    )  # fmt: skip
    proto = onnx.load(path)
    for node in proto.graph.node:
        node.doc_string = node.name = ""
    short: dict[str, str] = {}  # tensor names carry the whole path of modules
    own = {value.name for value in (*proto.graph.input, *proto.graph.output)}
    for node in proto.graph.node:
        for side in (node.input, node.output):
            for at, tensor in enumerate(side):
                if tensor and tensor not in own:
                    side[at] = short.setdefault(tensor, f"t{len(short)}")
    for tensor in proto.graph.initializer:
        tensor.name = short.get(tensor.name, tensor.name)
    del proto.graph.value_info[:]
    onnx.checker.check_model(proto)
    onnx.save(proto, path)


if __name__ == "__main__":
    for name, (model, last) in models().items():
        make(name, model, last)
