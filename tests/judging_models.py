"""Small models that judge a text as a whole: an encoder with a class head on [CLS], and an LSTM's last verdict."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from embstudio.modelfile.catalogue import find
from tests.masked_model import SPECIAL, WORDS

CLASSES = 3


def make_judging_encoder(data: Path, folder: Path) -> Path:
    """The BERT kept with the tests, with classes read from its first token, and a tokenizer that frames a text and a
    pair; returns the model's path."""
    model = onnx.load(data / "bert-ts-sdpa" / "model.onnx")
    hidden = model.graph.output[0]
    width, rows = hidden.type.tensor_type.shape.dim[2].dim_value, 60
    weights = np.random.default_rng(0).normal(size=(width, CLASSES)).astype(np.float32)
    del model.graph.output[:]
    model.graph.initializer.extend([
        numpy_helper.from_array(np.array(0, np.int64), "first"), numpy_helper.from_array(weights, "classifier"),
    ])  # fmt: skip
    model.graph.node.extend([
        helper.make_node("Gather", [hidden.name, "first"], ["cls"], axis=1),
        helper.make_node("MatMul", ["cls", "classifier"], ["verdict"]),
    ])  # fmt: skip
    model.graph.output.append(helper.make_tensor_value_info("verdict", TensorProto.FLOAT, ["batch", CLASSES]))
    path = folder / "judge.onnx"
    onnx.save(model, path)
    entries = (*SPECIAL, *WORDS)
    vocabulary = {word: id_ for id_, word in enumerate((*entries, *(f"word{n}" for n in range(len(entries), rows))))}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return path


def make_last_verdict(folder: Path) -> Path:
    """The bundled sentiment LSTM, which gives out its verdict after the last token only; returns the model's path."""
    source = find("sentiment-lstm").path
    model = onnx.load(source)
    output = model.graph.output[0].name
    del model.graph.output[:]
    model.graph.initializer.append(numpy_helper.from_array(np.array(-1, np.int64), "last place"))
    model.graph.node.append(helper.make_node("Gather", [output, "last place"], ["verdict"], axis=1))
    model.graph.output.append(helper.make_tensor_value_info("verdict", TensorProto.FLOAT, ["batch", 2]))
    path = folder / "last.onnx"
    onnx.save(model, path)
    (folder / "tokenizer.json").write_bytes(source.with_name("tokenizer.json").read_bytes())
    return path


def make_last_words(folder: Path) -> Path:
    """The bundled next-word model, which gives its scores after the last token only; returns the model's path."""
    source = find("next-word").path
    model = onnx.load(source)
    output = model.graph.output[0]
    width = output.type.tensor_type.shape.dim[2].dim_value
    del model.graph.output[:]
    model.graph.initializer.append(numpy_helper.from_array(np.array(-1, np.int64), "last place"))
    model.graph.node.append(helper.make_node("Gather", [output.name, "last place"], ["last scores"], axis=1))
    kind = output.type.tensor_type.elem_type
    model.graph.output.append(helper.make_tensor_value_info("last scores", kind, ["batch", width]))
    path = folder / "last_words.onnx"
    onnx.save(model, path)
    (folder / "tokenizer.json").write_bytes(source.with_name("tokenizer.json").read_bytes())
    return path
