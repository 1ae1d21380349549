using System.Text.Json;
using Millrace.Contracts;
using Millrace.Storage.Documents;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>Up to when the occurrences of each workflow's schedule are dealt with, shared by all managers and kept over their ends.</summary>
internal sealed class ScheduleMarks(IDocumentStore documents)
{
    private const string Prefix = "schedules/";

    private const int MaxListed = 10_000;

    /// <summary>The workflows that have a mark.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await documents.ListAsync(Prefix, MaxListed, cancellationToken)).Select(stored => stored.Key[Prefix.Length..])];

    /// <summary>What is kept, or from now on: a new schedule, or another one under the name, has missed nothing.</summary>
    /// <param name="cron">With the time zone, if it has one.</param>
    public async Task<ScheduleMark> FindAsync(string workflow, string cron, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await documents.GetAsync(Prefix + workflow, cancellationToken) is { } stored
            && JsonSerializer.Deserialize<ScheduleMark>(stored.Body.Span, MillraceJson.Options) is { } mark && mark.Cron == cron)
            return mark;
        var begin = new ScheduleMark(cron, now);
        await SaveAsync(workflow, begin, cancellationToken);
        return begin;
    }

    public Task DeleteAsync(string workflow, CancellationToken cancellationToken) => documents.DeleteAsync(Prefix + workflow, cancellationToken);

    public Task SaveAsync(string workflow, ScheduleMark mark, CancellationToken cancellationToken) =>
        documents.PutAsync(Prefix + workflow, JsonSerializer.SerializeToUtf8Bytes(mark, MillraceJson.Options), null, cancellationToken);
}

internal sealed record ScheduleMark(string Cron, DateTimeOffset Until);
