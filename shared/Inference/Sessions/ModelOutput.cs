namespace Millrace.Inference.Sessions;

/// <summary>What a model gave for a batch.</summary>
/// <param name="Values">Row-major.</param>
/// <param name="Rows">Texts of the batch.</param>
/// <param name="Positions">Token positions a text has in <paramref name="Values"/>, padding included; 1 if the model pooled them itself.</param>
/// <param name="Columns">Values at each position.</param>
public sealed record ModelOutput(float[] Values, int Rows, int Positions, int Columns)
{
    /// <summary>All positions of one text.</summary>
    public ReadOnlyMemory<float> Row(int index) => Values.AsMemory(index * Positions * Columns, Positions * Columns);
}
