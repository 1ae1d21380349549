"""The model as arrays, its forward pass in numpy, and the same as an ONNX graph."""

import dataclasses

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from columns import LENGTH_SCALE
from convolution import LONGEST, SUM_SCALE, USUAL_LENGTH, WIDTH, Convolution, words_of
from head import apply_calibration, forward


@dataclasses.dataclass
class Model:
    """`table` is int8 with one scale per column; its column 0 holds squared weights, whose sum is the squared norm."""

    table: np.ndarray
    scale: np.ndarray
    length_weights: np.ndarray
    bias: np.ndarray
    convolution: Convolution
    capitals: int
    head: tuple
    calibration: tuple

    def features(self, ids, offsets):
        """What the head sees of each text: a column each, its length, and the convolution's answers."""
        counts = np.diff(offsets)
        sums = np.zeros((len(counts), self.table.shape[1]))
        for row, (start, end) in enumerate(zip(offsets[:-1], offsets[1:])):
            sums[row] = self.table[ids[start:end]].sum(0, dtype=np.int64)
        sums *= self.scale
        length = np.log1p(counts)[:, None] - 5
        length = np.concatenate([length, length ** 2], 1) * LENGTH_SCALE
        linear = sums[:, 1:] / np.sqrt(np.maximum(sums[:, :1], 1)) + length @ self.length_weights + self.bias
        answers = self.convolution(words_of(ids, offsets, self.convolution.buckets, self.capitals))
        return np.concatenate([linear, length, answers], 1)

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
    net = model.convolution
    floats = {
        "scale": model.scale, "length_weights": model.length_weights, "bias": model.bias,
        "first": first, "first_bias": first_bias, "second": second, "second_bias": second_bias,
        "minus_knots": -knots, "slopes": slopes[:, None], "start": [start], "one": [1.0], "five": [5.0],
        "length_scale": [LENGTH_SCALE], "filters": net.filters, "filters_bias": net.filters_bias, "hidden_weights": net.hidden,
        "hidden_bias": net.hidden_bias, "answer_weights": net.answers, "answers_bias": net.answers_bias, "sum_scale": [SUM_SCALE],
        "usual_length": [USUAL_LENGTH],
    }
    integers = {
        "axis1": [1], "axis2": [2], "sizes": [1, len(model.scale) - 1], "outputs": [1, len(labels) - 1], "buckets": net.buckets,
        "capitals": model.capitals, "token_axis": 1, "one_id": 1, "two_ids": 2, "longest": LONGEST, "from0": [0], "from1": [1],
        "kept_width": [LONGEST + 1], "zero_id": 0,
    }
    tensors = [numpy_helper.from_array(model.table, "table"), numpy_helper.from_array(net.table, "word_table")]
    tensors += [numpy_helper.from_array(np.asarray(v, dtype=np.float32), n) for n, v in floats.items()]
    tensors += [numpy_helper.from_array(np.array(v, dtype=np.int64), n) for n, v in integers.items()]
    names = "input_ids", "attention_mask"
    ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in names]
    out = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(labels)])
    nodes = _columns() + _words() + _convolution() + _head()
    graph = helper.make_graph(nodes, "toxicity", ids, [out], tensors)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="millrace")
    proto.ir_version = 8
    onnx.checker.check_model(proto)
    return proto


def read(path):
    """The model of a graph that `to_onnx` wrote."""
    t = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(str(path)).graph.initializer}
    net = Convolution(t["word_table"], t["filters"], t["filters_bias"], t["hidden_weights"], t["hidden_bias"], t["answer_weights"], t["answers_bias"])
    head = t["first"], t["first_bias"], t["second"], t["second_bias"]
    calibration = -t["minus_knots"], t["slopes"][:, 0], float(t["start"][0])
    return Model(t["table"], t["scale"], t["length_weights"], t["bias"], net, int(t["capitals"]), head, calibration)


def _columns():
    """The linear models' values and the length."""
    n = helper.make_node
    return [
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
    ]


def _words():
    """The ids of words and pairs count up from 1; 1 and the even ones are words. Each goes to its place, all else to place 0."""
    n = helper.make_node
    return [
        n("LessOrEqual", ["input_ids", "buckets"], ["not_chars"]),
        n("Equal", ["input_ids", "capitals"], ["is_capitals"]),
        n("Not", ["is_capitals"], ["not_capitals"]),
        n("And", ["not_chars", "not_capitals"], ["word_or_pair"]),
        n("Cast", ["word_or_pair"], ["word_or_pair1"], to=TensorProto.INT64),
        n("Mul", ["word_or_pair1", "attention_mask"], ["counted"]),
        n("CumSum", ["counted", "token_axis"], ["ordinal"]),
        n("Div", ["ordinal", "two_ids"], ["half"]),
        n("Mul", ["half", "two_ids"], ["even"]),
        n("Equal", ["ordinal", "even"], ["is_even"]),
        n("Equal", ["ordinal", "one_id"], ["is_first"]),
        n("Or", ["is_even", "is_first"], ["single"]),
        n("Add", ["half", "one_id"], ["place"]),
        n("LessOrEqual", ["place", "longest"], ["near"]),
        n("And", ["single", "near"], ["wanted"]),
        n("Cast", ["wanted"], ["wanted1"], to=TensorProto.INT64),
        n("Mul", ["wanted1", "counted"], ["taken"]),
        n("Mul", ["place", "taken"], ["places"]),
        n("Mul", ["input_ids", "taken"], ["word_ids"]),
        n("Shape", ["input_ids"], ["shape"]),
        n("Slice", ["shape", "from0", "from1"], ["batch"]),
        n("Concat", ["batch", "kept_width"], ["kept_shape"], axis=0),
        n("ConstantOfShape", ["kept_shape"], ["empty"], value=helper.make_tensor("zero", TensorProto.INT64, [1], [0])),
        n("ScatterElements", ["empty", "places", "word_ids"], ["placed"], axis=1),
        # As many places as the longest text of the batch has, at least one.
        n("ReduceMax", ["places"], ["last"], keepdims=0),
        n("Max", ["last", "one_id"], ["last1"]),
        n("Add", ["last1", "one_id"], ["end0"]),
        n("Unsqueeze", ["end0", "from0"], ["end"]),
        n("Slice", ["placed", "from1", "end", "axis1"], ["words"]),
        n("Greater", ["words", "zero_id"], ["is_word"]),
        n("Cast", ["is_word"], ["valid"], to=TensorProto.FLOAT),
    ]


def _convolution():
    n = helper.make_node
    return [
        n("Gather", ["word_table", "words"], ["vectors8"]),
        n("Cast", ["vectors8"], ["vectors0"], to=TensorProto.FLOAT),
        n("Transpose", ["vectors0"], ["vectors"], perm=[0, 2, 1]),
        n("Conv", ["vectors", "filters", "filters_bias"], ["found0"], pads=[WIDTH // 2, WIDTH // 2]),
        n("Relu", ["found0"], ["found1"]),
        n("Unsqueeze", ["valid", "axis1"], ["valid3"]),
        n("Mul", ["found1", "valid3"], ["found"]),
        n("ReduceMax", ["found"], ["largest"], axes=[2], keepdims=0),
        n("ReduceSum", ["found", "axis2"], ["summed0"], keepdims=0),
        n("ReduceSum", ["valid", "axis1"], ["number"], keepdims=1),
        n("Max", ["number", "one"], ["number1"]),
        n("Sqrt", ["number1"], ["root"]),
        n("Div", ["summed0", "root"], ["summed1"]),
        n("Mul", ["summed1", "sum_scale"], ["summed"]),
        n("Add", ["number", "one"], ["number_and1"]),
        n("Log", ["number_and1"], ["log_number"]),
        n("Sub", ["log_number", "usual_length"], ["words_length"]),
        n("Concat", ["largest", "summed", "words_length"], ["pooled"], axis=1),
        n("Gemm", ["pooled", "hidden_weights", "hidden_bias"], ["inner0"]),
        n("Relu", ["inner0"], ["inner"]),
        n("Gemm", ["inner", "answer_weights", "answers_bias"], ["answers"]),
    ]


def _head():
    n = helper.make_node
    return [
        n("Concat", ["linear", "length", "answers"], ["features"], axis=1),
        n("Gemm", ["features", "first", "first_bias"], ["hidden0"]),
        n("Relu", ["hidden0"], ["hidden"]),
        n("Gemm", ["hidden", "second", "second_bias"], ["raw"]),
        n("Split", ["raw", "outputs"], ["toxicity", "others"], axis=1),
        n("Add", ["toxicity", "minus_knots"], ["above0"]),
        n("Relu", ["above0"], ["above"]),
        n("Gemm", ["above", "slopes", "start"], ["calibrated"]),
        n("Concat", ["calibrated", "others"], ["logits"], axis=1),
    ]
