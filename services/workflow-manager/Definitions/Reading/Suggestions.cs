namespace Millrace.WorkflowManager.Definitions.Reading;

/// <summary>What somebody may have meant.</summary>
internal static class Suggestions
{
    private static readonly Dictionary<string, string> OtherTongues = new(StringComparer.OrdinalIgnoreCase)
    {
        ["depends_on"] = "depends",
        ["dependsOn"] = "depends",
        ["needs"] = "depends",
        ["dependencies"] = "depends",
        ["after"] = "depends",
        ["retries"] = "retry",
        ["if"] = "when",
        ["condition"] = "when",
        ["topic"] = "queue",
        ["id"] = "name",
        ["cron"] = "schedule",
        ["deadline"] = "timeout",
        ["ttl"] = "retention",
        ["concurrency"] = "maxParallel",
        ["parallel"] = "maxParallel",
        ["items"] = "itemListKey",
        ["limit"] = "rateLimit",
        ["max_attempts"] = "attempts",
        ["maxAttempts"] = "attempts",
        ["interval"] = "per",
        ["rate"] = "permits",
        ["keys"] = "key",
    };

    /// <returns><c>; did you mean 'depends'?</c>, or what else can be said.</returns>
    public static string For(string word, IReadOnlyCollection<string> known)
    {
        if (OtherTongues.TryGetValue(word, out var other) && known.Contains(other))
            return $"; did you mean '{other}'?";
        var nearest = known.OrderBy(each => Distance(word, each)).ThenBy(each => each, StringComparer.Ordinal).FirstOrDefault();
        if (nearest is not null && Distance(word, nearest) <= Math.Max(1, Math.Max(word.Length, nearest.Length) / 3))
            return $"; did you mean '{nearest}'?";
        return known.Count is 0 or > 20 ? "" : $"; there are {string.Join(", ", known)}";
    }

    /// <summary>Letters to insert, drop, replace or swap with their neighbour, whatever their case (optimal string alignment).</summary>
    private static int Distance(string one, string other)
    {
        var (from, to) = (one.ToUpperInvariant(), other.ToUpperInvariant());
        var cost = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }
                var replaced = cost[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[from.Length, to.Length];
    }
}
