using System.Collections.Immutable;
using System.Text.Json;
using Millrace.WorkflowManager.Definitions.Yaml;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Definitions.Reading;

/// <summary>Reads the rules of a step: retry, rate limit, condition and cache.</summary>
internal static class RuleReader
{
    private static readonly string[] RetryKeys = ["attempts", "backoff", "delay", "maxDelay", "on", "never"];
    private static readonly string[] Backoffs = ["constant", "linear", "exponential"];
    private static readonly TimeSpan LongestLimit = TimeSpan.FromDays(31);

    public static RetryRule Retry(YamlNode node, ProblemList problems)
    {
        var map = new MapReader(node, "a retry", RetryKeys, problems);
        var preset = RetryRule.Default;
        var delay = map.Length("delay") ?? preset.Delay;
        var maxDelay = map.Length("maxDelay");
        if (maxDelay < delay)
            problems.Error(map.Find("maxDelay")!, "'maxDelay' is shorter than 'delay'");
        return new RetryRule
        {
            Attempts = map.Number("attempts", 1, 100) ?? preset.Attempts,
            Backoff = (Backoff?)map.Choice("backoff", Backoffs) ?? preset.Backoff,
            Delay = delay,
            MaxDelay = maxDelay ?? (delay > preset.MaxDelay ? delay : preset.MaxDelay),
            On = [.. map.Texts("on").Select(type => type.Text)],
            Never = [.. map.Texts("never").Select(type => type.Text)],
        };
    }

    public static RateLimit? RateLimit(YamlNode node, ProblemList problems)
    {
        var map = new MapReader(node, "a rateLimit", ["permits", "per"], problems);
        var permits = map.Number("permits", 1, 1_000_000, isRequired: true);
        var per = map.Length("per", isRequired: true);
        if (per > LongestLimit)
            problems.Error(map.Find("per")!, $"a rate limit is 'per' at most {LongestLimit.TotalDays}d: write a share of the permits for a shorter time");
        return permits is { } count && per is { } window ? new RateLimit(count, window) : null;
    }

    public static ImmutableArray<Condition> When(YamlNode node, ProblemList problems)
    {
        if (node is not YamlMap { Entries.Count: > 0 } map)
        {
            problems.Error(node, "'when' must be a map of at least one pair, such as { keep: true }");
            return [];
        }
        foreach (var twice in map.Entries.GroupBy(entry => entry.Key.Text).Where(group => group.Count() > 1))
            problems.Error(twice.Last().Key, $"'{twice.Key}' is here for the second time; a list of values means any of them");
        return [.. map.Entries.Select(entry => new Condition(entry.Key.Text, Scalars(entry, problems)))];
    }

    public static CacheRule? Cache(YamlNode node, ProblemList problems)
    {
        var map = new MapReader(node, "a cache", ["key", "ttl", "version", "echo"], problems);
        var paths = map.Texts("key");
        var ttl = map.Length("ttl", isRequired: true);
        var number = map.Number("version", 1, int.MaxValue);
        if (map.IsMap && paths.Count == 0)
            problems.Error(map.KeyOf("key"), "a cache needs a 'key': paths into the step's input, such as [ textHash ]");
        if (ttl is not { } length || paths.Count == 0)
            return null;
        var rule = new CacheRule([.. paths.Select(path => path.Text)], length) { Number = number ?? 0 };
        return map.Find("echo") is null ? rule : rule with { Echo = [.. map.Texts("echo").Select(name => name.Text).Distinct()] };
    }

    private static ImmutableArray<JsonElement> Scalars(YamlEntry entry, ProblemList problems)
    {
        var values = entry.Value is YamlList list ? list.Items : [entry.Value];
        if (values.Count > 0 && values.All(value => value is YamlScalar))
            return [.. values.Select(YamlJson.ToElement)];
        problems.Error(entry.Value, $"'{entry.Key.Text}' must be compared with text, a number, a truth value or null, or a list of them");
        return [];
    }
}
