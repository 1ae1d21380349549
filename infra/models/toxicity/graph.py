"""The model as arrays, its forward pass in numpy, and the same as an ONNX graph."""

import dataclasses

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from columns import LENGTH_SCALE
from head import apply_calibration, forward


@dataclasses.dataclass
class Model:
    """`table` is int8 with one scale per column; its column 0 holds squared weights, whose sum is the squared norm."""

    table: np.ndarray
    scale: np.ndarray
    length_weights: np.ndarray
    bias: np.ndarray
    head: tuple
    calibration: tuple

    def features(self, ids, offsets):
        """What the head sees of each text: a column each, and its length."""
        counts = np.diff(offsets)
        sums = np.zeros((len(counts), self.table.shape[1]))
        for row, (start, end) in enumerate(zip(offsets[:-1], offsets[1:])):
            sums[row] = self.table[ids[start:end]].sum(0, dtype=np.int64)
        sums *= self.scale
        length = np.log1p(counts)[:, None] - 5
        length = np.concatenate([length, length ** 2], 1) * LENGTH_SCALE
        return np.concatenate([sums[:, 1:] / np.sqrt(np.maximum(sums[:, :1], 1)) + length @ self.length_weights + self.bias, length], 1)

    def logits(self, features):
        out = forward(features, self.head)
        out[:, 0] = apply_calibration(out[:, 0], self.calibration)
        return out


def quantise(columns):
    """Rounds each column to 127 steps; what is beyond its 99.99th percentile is held there."""
    limit = np.array([np.quantile(np.abs(c[c != 0]), 0.9999) for c in columns.T])
    scale = (limit / 127).astype(np.float32)
    return np.clip(np.round(columns / scale), -127, 127).astype(np.int8), scale


def to_onnx(model, labels):
    """Graph of opset 13: input_ids and attention_mask int64 [batch, tokens] -> logits float [batch, labels]."""
    first, first_bias, second, second_bias = model.head
    knots, slopes, start = model.calibration
    constants = {
        "table": model.table, "scale": model.scale, "length_weights": model.length_weights, "bias": model.bias,
        "first": first, "first_bias": first_bias, "second": second, "second_bias": second_bias,
        "minus_knots": -knots, "slopes": slopes[:, None], "start": np.array([start]), "one": np.array([1.0]),
        "five": np.array([5.0]), "length_scale": np.array([LENGTH_SCALE]),
    }
    integers = {"axis1": [1], "sizes": [1, len(model.scale) - 1], "outputs": [1, len(labels) - 1]}
    tensors = [numpy_helper.from_array(a if a.dtype == np.int8 else a.astype(np.float32), n) for n, a in constants.items()]
    tensors += [numpy_helper.from_array(np.array(v, dtype=np.int64), n) for n, v in integers.items()]
    n = helper.make_node
    nodes = [
        n("Gather", ["table", "input_ids"], ["rows8"]),
        n("Cast", ["rows8"], ["rows"], to=TensorProto.FLOAT),
        n("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        n("Unsqueeze", ["mask", "axis1"], ["mask3"]),
        # The product sums the rows and leaves the padding out in one pass.
        n("MatMul", ["mask3", "rows"], ["sum3"]),
        n("Squeeze", ["sum3", "axis1"], ["sum8"]),
        n("Mul", ["sum8", "scale"], ["sum"]),
        n("Split", ["sum", "sizes"], ["squares", "columns"], axis=1),
        n("Max", ["squares", "one"], ["squares1"]),
        n("Sqrt", ["squares1"], ["norm"]),
        n("Div", ["columns", "norm"], ["scaled"]),
        n("ReduceSum", ["mask", "axis1"], ["count"], keepdims=1),
        n("Add", ["count", "one"], ["count1"]),
        n("Log", ["count1"], ["log"]),
        n("Sub", ["log", "five"], ["length0"]),
        n("Mul", ["length0", "length0"], ["length00"]),
        n("Concat", ["length0", "length00"], ["length2"], axis=1),
        n("Mul", ["length2", "length_scale"], ["length"]),
        n("Gemm", ["length", "length_weights", "bias"], ["of_length"]),
        n("Add", ["scaled", "of_length"], ["linear"]),
        n("Concat", ["linear", "length"], ["features"], axis=1),
        n("Gemm", ["features", "first", "first_bias"], ["hidden0"]),
        n("Relu", ["hidden0"], ["hidden"]),
        n("Gemm", ["hidden", "second", "second_bias"], ["raw"]),
        n("Split", ["raw", "outputs"], ["toxicity", "others"], axis=1),
        n("Add", ["toxicity", "minus_knots"], ["above0"]),
        n("Relu", ["above0"], ["above"]),
        n("Gemm", ["above", "slopes", "start"], ["calibrated"]),
        n("Concat", ["calibrated", "others"], ["logits"], axis=1),
    ]
    ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask")]
    out = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(labels)])
    graph = helper.make_graph(nodes, "toxicity", ids, [out], tensors)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="millrace")
    proto.ir_version = 8
    onnx.checker.check_model(proto)
    return proto
