"""Writes the trained table as a model folder, and reads one back to embed in Python as the graph does."""

import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import likeness
from likeness import HashedNgrams, NgramOptions

_GOLDEN = pathlib.Path(__file__).resolve().parents[3] / "tests/Inference.Tests/Models/bundled-embedder.golden.json"
_GOLDEN_TEXTS = (
    "The miller opened the gate and the wheel began to turn.",
    "The wheel started turning when the miller opened the gate.",
    "A dog is running across the beach.",
    "A puppy runs along the shore.",
    "Parliament voted 212 to 180 for the new budget on Tuesday.",
    "I love this song!!! \U0001f60d\U0001f60d @friend https://example.org/play",
    "Ich habe heute leider keine Zeit.",
    "\u6c34\u8eca\u304c\u56de\u308b",
    "Na\u00efve caf\u00e9 owners don't read the small print.",
    "WHY ARE YOU SHOUTING AT ME",
    "ok",
    "Flour, water, salt. " * 60)


def rotate(table, featuriser, texts):
    """Turns the axes so that the first ones tell most about the texts: a vector cut short stays useful. Cosines stay."""
    vectors = embedder(table, featuriser)(texts)
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    return table @ axes[:, ::-1].astype(np.float32)


def embedder(table, featuriser):
    def embed(texts):
        sums = np.asarray(likeness.counts(featuriser, texts) @ table)
        return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return embed


def load(folder):
    """The embedder of a model folder."""
    folder = pathlib.Path(folder)
    options = NgramOptions.from_json(json.loads((folder / "ngrams.json").read_text(encoding="utf-8")))
    graph = onnx.load(str(folder / "model.onnx")).graph
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    return embedder(tensors["table"] * tensors["scale"][:, None], HashedNgrams(options))


def write(folder, table, featuriser):
    folder = pathlib.Path(folder)
    scale = np.abs(table).max(1) / 127
    rows = np.round(table / np.maximum(scale, 1e-12)[:, None]).astype(np.int8)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_model(rows, scale.astype(np.float32)), str(folder / "model.onnx"))
    featuriser.options.write(folder / "ngrams.json")
    _write_layout(folder, table.shape, featuriser.options)
    _GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    vectors = load(folder)(_GOLDEN_TEXTS)
    _GOLDEN.write_text(json.dumps([{"text": text, "vector": [round(float(value), 5) for value in vector]}
                                   for text, vector in zip(_GOLDEN_TEXTS, vectors)], separators=(",", ":")) + "\n", encoding="ascii")


def _write_layout(folder, shape, options):
    kinds = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    files = {
        "modules.json": [{"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
                         for number, (path, kind) in enumerate(kinds)],
        "config.json": {"model_type": "hashed-ngrams", "vocab_size": shape[0], "hidden_size": shape[1], "pad_token_id": 0,
                        "max_position_embeddings": options.max_features},
        "1_Pooling/config.json": {"word_embedding_dimension": shape[1], "pooling_mode_mean_tokens": True},
    }
    for name, value in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(value, indent=2) + "\n", encoding="ascii")


def _model(rows, scale):
    """Each text: the sum of its features' rows times their scales, made one long. A row's scale is its share as well, so
    the weighted sum is one small matrix product per text and no table of floats is ever kept."""
    axes = lambda name, *values: numpy_helper.from_array(np.array(values, np.int64), name)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["bytes"]),
        helper.make_node("Cast", ["bytes"], ["features"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["scale", "input_ids"], ["scales"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["scales", "mask"], ["shares"]),
        helper.make_node("Unsqueeze", ["shares", "middle"], ["row"]),
        helper.make_node("MatMul", ["row", "features"], ["products"]),
        helper.make_node("Squeeze", ["products", "middle"], ["sums"]),
        helper.make_node("ReduceL2", ["sums"], ["lengths"], axes=[1], keepdims=1),
        helper.make_node("Max", ["lengths", "tiny"], ["divisors"]),
        helper.make_node("Div", ["sums", "divisors"], ["sentence_embedding"]),
    ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", rows.shape[1]])
    constants = [numpy_helper.from_array(rows, "table"), numpy_helper.from_array(scale, "scale"), axes("middle", 1),
                 numpy_helper.from_array(np.array([1e-12], np.float32), "tiny")]
    graph = helper.make_graph(nodes, "hashed n-gram embedder", inputs, [output], constants)
    model = helper.make_model(graph, producer_name="millrace", opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model
