using System.Text.Json;
using Millrace.Contracts;
using Millrace.Storage.Documents;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>Ends pauses so that nothing stays held by one that is over, whoever dies on the way.</summary>
/// <remarks>
/// A note is saved before the pause goes, and stays until the requests have been told a second time, after <see cref="Settling"/>: by
/// then every manager knows, and what one had decided while it did not know is saved and found.
/// </remarks>
internal sealed class Resumes(IDocumentStore documents, Pauses pauses, ResumeScan scan, TimeProvider clock)
{
    /// <summary>Longer than managers take to hear of what others wrote and to save what they had decided.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private const string Prefix = "resumes/";
    private const int MaxNotes = 1_000;

    /// <param name="step">Null resumes the workflow.</param>
    public async Task ResumeAsync(string workflow, string? step, CancellationToken cancellationToken)
    {
        await BeginAsync(workflow, step, cancellationToken);
        await scan.RunAsync(workflow, cancellationToken);
    }

    /// <summary>From here on some manager will tell the requests.</summary>
    public async Task BeginAsync(string workflow, string? step, CancellationToken cancellationToken)
    {
        var at = JsonSerializer.SerializeToUtf8Bytes(clock.GetUtcNow(), MillraceJson.Options);
        await documents.PutAsync($"{Prefix}{workflow}/{Guid.NewGuid():N}", at, null, cancellationToken);
        await pauses.ResumeAsync(workflow, step, cancellationToken);
    }

    /// <summary>Tells the requests of every resume that has settled, and forgets it.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        var notes = await documents.ListAsync(Prefix, MaxNotes, cancellationToken);
        var settled = notes.Where(note => JsonSerializer.Deserialize<DateTimeOffset>(note.Body.Span, MillraceJson.Options) + Settling <= clock.GetUtcNow());
        foreach (var group in settled.GroupBy(note => note.Key.Split('/')[1]))
        {
            await scan.RunAsync(group.Key, cancellationToken);
            foreach (var note in group)
                await documents.DeleteAsync(note.Key, cancellationToken);
        }
    }
}
