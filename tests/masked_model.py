"""A small model that fills in masked words: the BERT kept with the tests, its own embedding table as output head."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from embstudio.anatomy.reader import read
from embstudio.modelfile.model_file import ModelFile

WORDS = ("the", "dog", "cat", "was", "cute", "loud", "play", "##ing", "##ed", "a", "he", "she", "it", "ran", ".", ",")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def make_masked_model(data: Path, folder: Path) -> Path:
    """Write the model and its tokenizer.json into a folder; returns the model's path. data: where the BERT is."""
    source = data / "bert-ts-sdpa" / "model.onnx"
    anatomy = read(ModelFile(source).graph)
    table = anatomy.embeddings[0]
    model = onnx.load(source)
    hidden = model.graph.output[0].name
    del model.graph.output[:]
    model.graph.node.extend([
        helper.make_node("Transpose", [table.initializer], ["unembedding"], perm=[1, 0]),
        helper.make_node("MatMul", [hidden, "unembedding"], ["logits"]),
    ])  # fmt: skip
    model.graph.output.append(
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "sequence", table.rows])
    )
    path = folder / "masked.onnx"
    onnx.save(model, path)
    entries = (*SPECIAL, *WORDS)
    vocabulary = {
        word: id_ for id_, word in enumerate((*entries, *(f"word{n}" for n in range(len(entries), table.rows))))
    }
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.save(str(folder / "tokenizer.json"))
    return path
