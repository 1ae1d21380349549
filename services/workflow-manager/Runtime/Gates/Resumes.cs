using System.Text.Json;
using Millrace.Contracts;
using Millrace.Storage.Documents;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>Ends pauses, and closes up lines, so that nothing stays held by what is over, whoever dies on the way.</summary>
/// <remarks>
/// A note is saved before the pause goes, and stays until the requests have been told a second time, after <see cref="Settling"/>: by
/// then every manager knows, and what one had decided while it did not know is saved and found. A note holds the moment from which
/// that time counts; the manager that takes it up moves this on while it tells the requests, so that no other does it beside.
/// </remarks>
internal sealed class Resumes(IDocumentStore documents, Pauses pauses, ResumeScan scan, StoreClock clock)
{
    /// <summary>Longer than managers take to hear of what others wrote and to save what they had decided.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>How long a manager that has taken up a note may be silent before another does.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const string Prefix = "resumes/";
    private const int MaxNotes = 1_000;

    /// <param name="step">Null resumes the workflow.</param>
    public async Task ResumeAsync(string workflow, string? step, CancellationToken cancellationToken)
    {
        await BeginAsync(workflow, step, cancellationToken);
        await scan.RunAsync(workflow, () => Task.FromResult(true), cancellationToken);
    }

    /// <summary>From here on some manager will tell the requests.</summary>
    public async Task BeginAsync(string workflow, string? step, CancellationToken cancellationToken)
    {
        await documents.PutAsync($"{Prefix}{workflow}/{Guid.NewGuid():N}", Write(clock.GetUtcNow()), null, cancellationToken);
        await pauses.ResumeAsync(workflow, step, cancellationToken);
    }

    /// <summary>As a resume: some manager will tell the requests, once what <paramref name="begin"/> changes has settled.</summary>
    /// <returns>False if they are about to be told already; then nothing is changed.</returns>
    public async Task<bool> TryCloseUpAsync(StepKey step, Func<Task> begin, CancellationToken cancellationToken)
    {
        if (await documents.PutAsync($"{Prefix}{step.Workflow}/line/{step.Step}", Write(clock.GetUtcNow()), 0, cancellationToken) is null)
            return false;
        await begin();
        return true;
    }

    /// <summary>Tells the requests of every resume that has settled and that no other manager has taken up, and forgets it.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        var notes = await documents.ListAsync(Prefix, MaxNotes, cancellationToken);
        foreach (var group in notes.Where(HasSettled).GroupBy(note => note.Key.Split('/')[1]))
        {
            IReadOnlyList<StoredDocument> taken = [.. group];
            // Before the first page this takes the notes, before each other one it keeps them.
            var isTold = await scan.RunAsync(group.Key, async () => (taken = await TakeAsync(taken, cancellationToken)).Count > 0, cancellationToken);
            foreach (var note in isTold ? taken : [])
                await documents.DeleteAsync(note.Key, cancellationToken);
        }
    }

    private bool HasSettled(StoredDocument note) =>
        JsonSerializer.Deserialize<DateTimeOffset>(note.Body.Span, MillraceJson.Options) + Settling <= clock.GetUtcNow();

    /// <returns>Those that no other manager has touched since.</returns>
    private async Task<IReadOnlyList<StoredDocument>> TakeAsync(IEnumerable<StoredDocument> notes, CancellationToken cancellationToken)
    {
        var taken = new List<StoredDocument>();
        foreach (var note in notes)
        {
            if (await documents.PutAsync(note.Key, Write(clock.GetUtcNow() + Lease), note.Version, cancellationToken) is { } version)
                taken.Add(note with { Version = version });
        }
        return taken;
    }

    private static byte[] Write(DateTimeOffset moment) => JsonSerializer.SerializeToUtf8Bytes(moment, MillraceJson.Options);
}
