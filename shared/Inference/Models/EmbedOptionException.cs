namespace Millrace.Inference.Models;

/// <summary>A caller asked for something that the model does not have.</summary>
/// <param name="option">What of the options is wrong: <c>dimensions</c> or <c>prompt</c>.</param>
public sealed class EmbedOptionException(string option, string message) : ArgumentException(message)
{
    public string Option { get; } = option;
}
