using System.Text.Json;
using Millrace.Cli.Posts;

namespace Millrace.Cli.Export;

/// <summary>The ledger of a backfill: every input is one request that ended, failed or is open, or it is missing.</summary>
/// <param name="Posts">Posts in the input files.</param>
/// <param name="Inputs">Different keys among them; the sum of what follows, but for <paramref name="Unkeyed"/>.</param>
/// <param name="Missing">Inputs without any request.</param>
/// <param name="Unkeyed">Posts without a key or that are no JSON objects, which can't be looked for.</param>
internal sealed record Reconciliation(
    long Posts, long Inputs, long Completed, long Failed, long Open, long Missing, long Unkeyed, IReadOnlyList<string> MissingKeys)
{
    private const int MaxMissingShown = 20;

    /// <param name="keyPath">Where the workflow finds a post's key.</param>
    /// <param name="statuses">The status of each request by its key.</param>
    public static async Task<Reconciliation> OfAsync(
        IReadOnlyList<string> files, string keyPath, IReadOnlyDictionary<string, string> statuses, CancellationToken cancellationToken)
    {
        var keys = new HashSet<string>();
        var (posts, unkeyed) = (0L, 0L);
        foreach (var file in files)
        {
            await foreach (var post in PostFile.ReadAsync(file, cancellationToken))
            {
                posts++;
                if (KeyOf(post, keyPath) is { Length: > 0 } key)
                    keys.Add(key);
                else
                    unkeyed++;
            }
        }
        var missing = keys.Where(key => !statuses.ContainsKey(key)).ToArray();
        long Count(params string[] wanted) => keys.Count(key => statuses.TryGetValue(key, out var status) && wanted.Contains(status));
        return new Reconciliation(
            posts, keys.Count, Count("completed"), Count("failed", "cancelled"), Count("running"), missing.Length, unkeyed,
            [.. missing.Take(MaxMissingShown)]);
    }

    private static string? KeyOf(Post post, string keyPath)
    {
        try
        {
            using var document = JsonDocument.Parse(post.Body);
            var value = document.RootElement;
            foreach (var name in keyPath.Split('.'))
            {
                if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
                    return null;
            }
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
