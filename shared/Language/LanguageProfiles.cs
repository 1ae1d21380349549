using System.IO.Compression;
using System.Text;

namespace Millrace.Language;

/// <summary>Weights of letter groups for the languages that share one script; see <c>profiles/README.md</c>.</summary>
internal sealed class LanguageProfiles
{
    private const int LowestWeight = '0';

    private readonly Dictionary<string, byte[]>.AlternateLookup<ReadOnlySpan<char>> _weights;

    private LanguageProfiles(IReadOnlyList<string> languages, Dictionary<string, byte[]> weights)
    {
        Languages = languages;
        _weights = weights.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IReadOnlyList<string> Languages { get; }

    /// <summary>Reads the profiles that are part of this assembly, by script.</summary>
    public static IReadOnlyDictionary<string, LanguageProfiles> Load()
    {
        using var resource = typeof(LanguageProfiles).Assembly.GetManifestResourceStream("language-profiles.gz")!;
        using var text = new StreamReader(new GZipStream(resource, CompressionMode.Decompress), Encoding.UTF8);
        var profiles = new Dictionary<string, LanguageProfiles>();
        Dictionary<string, byte[]> weights = [];
        while (text.ReadLine() is { } line)
        {
            if (line.StartsWith('#') && line.Split(' ') is { Length: > 1 } header)
            {
                weights = [];
                profiles[header[0][1..]] = new LanguageProfiles(header[1..], weights);
                continue;
            }
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            weights[line[..tab]] = [.. line[(tab + 1)..].Select(symbol => (byte)(symbol - LowestWeight))];
        }
        return profiles;
    }

    /// <summary>Adds the weights of one letter group to the score of every language.</summary>
    public bool Add(ReadOnlySpan<char> gram, Span<int> scores)
    {
        if (!_weights.TryGetValue(gram, out var weights))
            return false;
        for (var at = 0; at < weights.Length; at++)
            scores[at] += weights[at];
        return true;
    }
}
