namespace Millrace.Inference.Onnx;

/// <summary>The size of a BERT-like encoder.</summary>
/// <param name="Width">Values a token has; a multiple of <paramref name="Heads"/>.</param>
public sealed record EncoderShape(int Layers, int Width, int Heads, int Vocabulary, int Positions)
{
    /// <summary>The shape of all-MiniLM-L6-v2: 6 layers, 384 wide.</summary>
    public static EncoderShape MiniLmL6 { get; } = new(6, 384, 12, 30_522, 512);
}
