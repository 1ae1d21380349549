using System.Text.Json;
using Millrace.DriftMonitor.Sources;
using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Offline;

/// <summary>A file of vectors is wrong; says where and what.</summary>
public sealed class DriftFileException(string message) : Exception(message);

/// <summary>A line that is not blank.</summary>
/// <param name="Number">From 1, as editors count.</param>
internal readonly record struct VectorLine(long Number, string Text);

/// <summary>A file with a vector in each line: the line itself, or an object that holds one. It is read anew each time and never held whole.</summary>
/// <param name="file">JSON Lines.</param>
/// <param name="path">Dotted path to the vector; null: the line is the vector, or holds <c>embedding</c>.</param>
public sealed class VectorFile(string file, string? path)
{
    private static readonly string[] NameMembers = ["uri", "key", "id"];

    public string Name => file;

    /// <summary>Lines that are not blank; none of them is read as JSON.</summary>
    public long CountRows() => Lines().LongCount();

    /// <returns>At most <paramref name="most"/> of the file's <paramref name="count"/> lines, evenly spread.</returns>
    internal IEnumerable<VectorLine> Spread(long most, long count)
    {
        var take = Math.Min(most, count);
        var index = 0L;
        foreach (var line in Lines())
        {
            if ((Int128)index * take / count != (Int128)(index + 1) * take / count)
                yield return line;
            index++;
        }
    }

    /// <exception cref="DriftFileException">A line holds no vector, or one of another length than the first.</exception>
    internal Samples Read(IEnumerable<VectorLine> lines, int? dimensions = null)
    {
        var values = new List<float>();
        foreach (var line in lines)
        {
            var vector = ReadRow(line).Vector;
            dimensions ??= vector.Length;
            if (vector.Length != dimensions)
                throw new DriftFileException($"{file}:{line.Number}: the vector has {vector.Length} dimensions, others have {dimensions}.");
            values.AddRange(vector);
        }
        return dimensions is { } length ? new Samples([.. values], length) : throw new DriftFileException($"{file}: there are no vectors in it.");
    }

    /// <returns>The vector, and the post's own name if the line has one, else the line's number.</returns>
    /// <exception cref="DriftFileException">The line holds no vector.</exception>
    internal (string Name, float[] Vector) ReadRow(VectorLine line)
    {
        try
        {
            using var document = JsonDocument.Parse(line.Text);
            var root = document.RootElement;
            var names = (path ?? (root.ValueKind == JsonValueKind.Object ? "embedding" : "")).Split('.', StringSplitOptions.RemoveEmptyEntries);
            if (VectorReader.Find(root, names) is { } found && VectorReader.TryRead(found, out var vector))
                return (NameOf(root) ?? $"line {line.Number}", vector);
        }
        catch (JsonException error)
        {
            throw new DriftFileException($"{file}:{line.Number}: this is no JSON: {error.Message}");
        }
        throw new DriftFileException($"{file}:{line.Number}: there is no vector at '{path ?? "embedding"}'; name its place with --path.");
    }

    private IEnumerable<VectorLine> Lines() => File.ReadLines(file)
        .Select((text, index) => new VectorLine(index + 1L, text)).Where(line => !string.IsNullOrWhiteSpace(line.Text));

    private static string? NameOf(JsonElement root) => root.ValueKind != JsonValueKind.Object ? null : NameMembers
        .Select(member => VectorReader.Text(root, member))
        .FirstOrDefault(name => !string.IsNullOrEmpty(name));
}
