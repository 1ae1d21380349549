using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Millrace.Contracts;

namespace Millrace.Inference.Sessions;

/// <summary>The inputs that a text encoder declares, and how a batch of rows is written into them.</summary>
internal sealed class TokenInputs
{
    private readonly Input[] _inputs;
    private readonly int _paddingId;

    private TokenInputs(Input[] inputs, int paddingId) => (_inputs, _paddingId) = (inputs, paddingId);

    private enum Content
    {
        Ids,
        Mask,
        Types,
        Positions,
    }

    /// <exception cref="ConfigurationException">The model wants an input that is not made of tokens.</exception>
    public static TokenInputs Of(InferenceSession session, string path, int paddingId)
    {
        var inputs = session.InputMetadata.Select(input => new Input(
            input.Key, ContentOf(input.Key, path), ElementOf(input.Key, input.Value, path))).ToArray();
        return inputs.Any(input => input.Content == Content.Ids)
            ? new TokenInputs(inputs, paddingId)
            : throw new ConfigurationException($"{path} has no input 'input_ids': export the model as a text encoder that takes token ids.");
    }

    /// <summary>Writes the rows, padded to <paramref name="width"/>, and binds them. What is returned must live until the run has ended.</summary>
    public IDisposable Bind(OrtIoBinding binding, OrtAllocator allocator, IReadOnlyList<int[]> rows, int width)
    {
        var bound = new BoundValues(_inputs.Length);
        foreach (var input in _inputs)
        {
            var value = OrtValue.CreateAllocatedTensorValue(allocator, input.Element, [rows.Count, width]);
            bound.Add(value);
            if (input.Element == TensorElementType.Int64)
                Fill(value.GetTensorMutableDataAsSpan<long>(), input.Content, rows, width);
            else
                Fill(value.GetTensorMutableDataAsSpan<int>(), input.Content, rows, width);
            binding.BindInput(input.Name, value);
        }
        return bound;
    }

    private void Fill<T>(Span<T> target, Content content, IReadOnlyList<int[]> rows, int width)
        where T : unmanaged, INumberBase<T>
    {
        foreach (var row in rows)
        {
            var line = target[..width];
            target = target[width..];
            for (var i = 0; i < row.Length; i++)
                line[i] = content switch
                {
                    Content.Ids => T.CreateTruncating(row[i]),
                    Content.Mask => T.One,
                    Content.Positions => T.CreateTruncating(i),
                    _ => T.Zero,
                };
            line[row.Length..].Fill(content == Content.Ids ? T.CreateTruncating(_paddingId) : T.Zero);
        }
    }

    private static Content ContentOf(string name, string path) => name switch
    {
        "input_ids" or "ids" => Content.Ids,
        "attention_mask" or "mask" => Content.Mask,
        "token_type_ids" => Content.Types,
        "position_ids" => Content.Positions,
        _ => throw new ConfigurationException(
            $"{path} wants an input '{name}'; input_ids, attention_mask, token_type_ids and position_ids can be given. Export it with these."),
    };

    private static TensorElementType ElementOf(string name, NodeMetadata input, string path) =>
        input.ElementDataType is TensorElementType.Int64 or TensorElementType.Int32
            ? input.ElementDataType
            : throw new ConfigurationException($"{path}: input '{name}' is of {input.ElementDataType}; int64 and int32 can be given.");

    private sealed record Input(string Name, Content Content, TensorElementType Element);

    private sealed class BoundValues(int capacity) : IDisposable
    {
        private readonly List<OrtValue> _values = new(capacity);

        public void Add(OrtValue value) => _values.Add(value);

        public void Dispose() => _values.ForEach(value => value.Dispose());
    }
}
