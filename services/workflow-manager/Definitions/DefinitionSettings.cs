using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Millrace.Contracts;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Definitions;

/// <summary>
/// A definition as pairs of a path and a text, every setting with its effective value: what the hash is taken of and what a
/// plan compares. Two files that mean the same have the same pairs, however they are written.
/// </summary>
internal static class DefinitionSettings
{
    private const string None = "none";

    public static string Hash(WorkflowDefinition definition)
    {
        var text = new StringBuilder(definition.Name);
        foreach (var (path, value) in Of(definition))
            text.Append('\n').Append(path).Append('\t').Append(value.Length).Append('\t').Append(value);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    public static IEnumerable<(string Path, string Value)> Of(WorkflowDefinition definition)
    {
        yield return ("version", definition.Number?.ToString(CultureInfo.InvariantCulture) ?? None);
        yield return ("key", definition.Key ?? None);
        yield return ("timeout", Text(definition.Timeout));
        yield return ("retention", Text(definition.Retention));
        yield return ("schedule", definition.Schedule?.Cron ?? None);
        // Only where it is set, so that no definition without one has another hash than it had.
        if (definition.Schedule?.TimeZone is { } timeZone)
            yield return ("timezone", timeZone);
        yield return ("payload", definition.Schedule is { } schedule ? Encoding.UTF8.GetString(schedule.Payload.Span) : None);
        yield return ("catchUp", definition.Schedule?.CatchUp.ToString().ToLowerInvariant() ?? None);
        yield return ("priority", Text(definition.Priority));
        yield return ("maxItems", Text(definition.MaxItems));
        foreach (var pair in OfSteps("", definition.Steps))
            yield return pair;
        foreach (var task in definition.Tasks.OrderBy(task => task.Name, StringComparer.Ordinal))
        {
            var path = $"task {task.Name}: ";
            yield return (path + "itemListKey", task.ItemListKey);
            yield return (path + "itemKey", task.ItemKey);
            yield return (path + "maxParallel", Text(task.MaxParallel));
            foreach (var pair in OfSteps(path, task.Steps))
                yield return pair;
        }
    }

    private static IEnumerable<(string Path, string Value)> OfSteps(string owner, IReadOnlyList<StepDefinition> steps)
    {
        yield return (owner + "order of steps", string.Join(", ", steps.Select(step => step.Name)));
        foreach (var step in steps)
        {
            var path = $"{owner}step {step.Name}: ";
            foreach (var (setting, value) in Of(step))
                yield return (path + setting, value);
        }
    }

    private static IEnumerable<(string Setting, string Value)> Of(StepDefinition step)
    {
        var retry = step.Retry;
        yield return ("depends", step.Depends.IsEmpty ? None : string.Join(", ", step.Depends));
        yield return step.Task is { } task ? ("task", task) : ("queue", step.Queue);
        yield return ("batch", Text(step.Batch));
        yield return ("timeout", Text(step.Timeout));
        yield return ("retry", $"{Text(retry.Attempts)} attempts, {retry.Backoff.ToString().ToLowerInvariant()}, {Duration.Format(retry.Delay)} to {Duration.Format(retry.MaxDelay)}");
        yield return ("retry.on", Sorted(retry.On));
        yield return ("retry.never", Sorted(retry.Never));
        yield return ("rateLimit", step.RateLimit is { } limit ? $"{Text(limit.Permits)} per {Duration.Format(limit.Per)}" : None);
        yield return ("when", Sorted(step.When.Select(each => $"{each.Path}={string.Join('|', each.AnyOf.Select(value => value.GetRawText()))}")));
        yield return ("cache", step.Cache is { } cache ? $"{string.Join(", ", cache.Key)} for {Duration.Format(cache.Ttl)}{Version(cache)}" : None);
        yield return ("cache.echo", step.Cache is { Echo: { IsEmpty: false } echo } ? string.Join(", ", echo) : None);
        yield return ("priority", step.Priority is { } priority ? Text(priority) : "the workflow's");
    }

    private static string Version(CacheRule cache) => cache.Number == 0 ? "" : $", version {Text(cache.Number)}";

    private static string Sorted(IEnumerable<string> values)
    {
        var text = string.Join(", ", values.Order(StringComparer.Ordinal));
        return text.Length == 0 ? None : text;
    }

    private static string Text(TimeSpan? length) => length is { } value ? Duration.Format(value) : None;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
