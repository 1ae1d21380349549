namespace Millrace.Inference.Onnx;

/// <summary>
/// Writes a BERT encoder of a given shape with random weights: as much work as a trained one, for measuring and testing without a
/// download. Its vectors mean nothing.
/// </summary>
public sealed class RandomEncoder
{
    private readonly OnnxGraph _graph = new("random-encoder");
    private readonly EncoderShape _shape;
    private readonly Random _random;

    private RandomEncoder(EncoderShape shape, int seed) => (_shape, _random) = (shape, new Random(seed));

    /// <summary>Inputs <c>input_ids</c> and <c>attention_mask</c>, output <c>last_hidden_state</c>.</summary>
    public static void Write(string path, EncoderShape shape, int seed)
    {
        var encoder = new RandomEncoder(shape, seed);
        encoder.Build();
        encoder._graph.Save(path);
    }

    /// <summary>
    /// The same as a sequence classifier, as BERT's are exported: inputs <c>input_ids</c>, <c>attention_mask</c> and <c>token_type_ids</c>,
    /// output <c>logits</c> from the first token through a pooler.
    /// </summary>
    /// <param name="hasTypes">False: without <c>token_type_ids</c>, as RoBERTa's kind is exported.</param>
    public static void WriteClassifier(string path, EncoderShape shape, int labels, int seed, bool hasTypes = true)
    {
        var encoder = new RandomEncoder(shape, seed);
        encoder.BuildClassifier(labels, hasTypes);
        encoder._graph.Save(path);
    }

    private void Build()
    {
        var ids = _graph.Int64Input("input_ids", "batch", "tokens");
        var mask = _graph.Int64Input("attention_mask", "batch", "tokens");
        _graph.FloatOutput(Layers(_graph.Node("Add", [Embed(ids), EmbedPositions(ids)]), mask, "last_hidden_state"), "batch", "tokens", $"{_shape.Width}");
    }

    private void BuildClassifier(int labels, bool hasTypes)
    {
        var ids = _graph.Int64Input("input_ids", "batch", "tokens");
        var mask = _graph.Int64Input("attention_mask", "batch", "tokens");
        var embedded = _graph.Node("Add", [Embed(ids), EmbedPositions(ids)]);
        if (hasTypes)
        {
            var types = _graph.Int64Input("token_type_ids", "batch", "tokens");
            embedded = _graph.Node("Add", [embedded, _graph.Node("Gather", [Weights(2, _shape.Width), types])]);
        }
        var first = _graph.Node("Gather", [Layers(embedded, mask, null), _graph.Int64(0)], null, ("axis", 1L));
        var pooled = _graph.Node("Tanh", [Dense(first, _shape.Width, _shape.Width)]);
        var logits = _graph.Node("MatMul", [pooled, Weights(_shape.Width, labels)], "logits");
        _graph.FloatOutput(logits, "batch", $"{labels}");
    }

    private string Layers(string embedded, string attention, string? last)
    {
        var mask = MaskBias(attention);
        var hidden = Norm(embedded);
        for (var layer = 0; layer < _shape.Layers; layer++)
        {
            hidden = Norm(_graph.Node("Add", [hidden, Attention(hidden, mask)]));
            var output = layer == _shape.Layers - 1 ? last : null;
            hidden = Norm(_graph.Node("Add", [hidden, FeedForward(hidden)]), output);
        }
        return hidden;
    }

    private string Embed(string ids) => _graph.Node("Gather", [Weights(_shape.Vocabulary, _shape.Width), ids]);

    private string EmbedPositions(string ids)
    {
        var length = _graph.Node("Gather", [_graph.Node("Shape", [ids]), _graph.Int64(1)]);
        var positions = _graph.Node("Range", [_graph.Int64(0), length, _graph.Int64(1)]);
        return _graph.Node("Gather", [Weights(_shape.Positions, _shape.Width), positions]);
    }

    /// <summary>0 where a token is, a large negative number where padding is; [batch, 1, 1, tokens].</summary>
    private string MaskBias(string mask)
    {
        var wide = _graph.Node("Cast", [_graph.Node("Unsqueeze", [mask, _graph.Int64s(1, 2)])], null, ("to", 1L));
        return _graph.Node("Mul", [_graph.Node("Sub", [wide, _graph.Floats([1f])]), _graph.Floats([10_000f])]);
    }

    private string Attention(string hidden, string mask)
    {
        var query = Heads(Dense(hidden, _shape.Width, _shape.Width), 0, 2, 1, 3);
        var key = Heads(Dense(hidden, _shape.Width, _shape.Width), 0, 2, 3, 1);
        var value = Heads(Dense(hidden, _shape.Width, _shape.Width), 0, 2, 1, 3);
        var scale = _graph.Floats([MathF.Sqrt(_shape.Width / (float)_shape.Heads)]);
        var scores = _graph.Node("Add", [_graph.Node("Div", [_graph.Node("MatMul", [query, key]), scale]), mask]);
        var mixed = _graph.Node("MatMul", [_graph.Node("Softmax", [scores], null, ("axis", -1L)), value]);
        var joined = _graph.Node(
            "Reshape", [_graph.Node("Transpose", [mixed], null, ("perm", new long[] { 0, 2, 1, 3 })), _graph.Int64s(0, 0, _shape.Width)]);
        return Dense(joined, _shape.Width, _shape.Width);
    }

    private string Heads(string value, params long[] order)
    {
        var split = _graph.Node("Reshape", [value, _graph.Int64s(0, 0, _shape.Heads, _shape.Width / _shape.Heads)]);
        return _graph.Node("Transpose", [split], null, ("perm", order));
    }

    private string FeedForward(string hidden) =>
        Dense(_graph.Node("Gelu", [Dense(hidden, _shape.Width, 4 * _shape.Width)]), 4 * _shape.Width, _shape.Width);

    private string Dense(string value, int from, int to) =>
        _graph.Node("Add", [_graph.Node("MatMul", [value, Weights(from, to)]), _graph.Floats(new float[to], to)]);

    private string Norm(string value, string? output = null)
    {
        var ones = new float[_shape.Width];
        Array.Fill(ones, 1f);
        return _graph.Node(
            "LayerNormalization", [value, _graph.Floats(ones, _shape.Width), _graph.Floats(new float[_shape.Width], _shape.Width)],
            output, ("axis", -1L), ("epsilon", 1e-12f));
    }

    private string Weights(int rows, int columns)
    {
        var scale = 2f / MathF.Sqrt(columns);
        var values = new float[rows * columns];
        for (var i = 0; i < values.Length; i++)
            values[i] = (_random.NextSingle() - 0.5f) * scale;
        return _graph.Floats(values, rows, columns);
    }
}
