using System.Collections.Concurrent;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Storage.Documents;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>Who paused which workflow or step, and when; shared by all managers.</summary>
internal sealed class Pauses(IDocumentStore documents, StoreClock clock)
{
    private const string Prefix = "pauses/";
    private const int MaxPauses = 10_000;

    private readonly Lock _lock = new();
    private ConcurrentDictionary<string, PauseView> _known = new();
    private int _changes;

    public bool IsEmpty => _known.IsEmpty;

    /// <summary>The pause that holds the step, its own or its workflow's.</summary>
    public PauseView? Find(StepKey step) =>
        _known.IsEmpty ? null : _known.GetValueOrDefault(step.Workflow + "/") ?? _known.GetValueOrDefault(step.ToString());

    public PauseView? FindWorkflow(string workflow) => _known.GetValueOrDefault(workflow + "/");

    public PauseView? FindStep(StepKey step) => _known.GetValueOrDefault(step.ToString());

    /// <param name="step">Null pauses the whole workflow.</param>
    public async Task<PauseView> PauseAsync(string workflow, string? step, string by, CancellationToken cancellationToken)
    {
        var key = $"{workflow}/{step}";
        var pause = new PauseView(by, clock.GetUtcNow());
        await documents.PutAsync(Prefix + key, JsonSerializer.SerializeToUtf8Bytes(pause, MillraceJson.Options), null, cancellationToken);
        Change(known => known[key] = pause);
        return pause;
    }

    /// <summary>What it holds does not go by this alone: see <see cref="Resumes"/>.</summary>
    public async Task ResumeAsync(string workflow, string? step, CancellationToken cancellationToken)
    {
        var key = $"{workflow}/{step}";
        await documents.DeleteAsync(Prefix + key, cancellationToken);
        Change(known => known.TryRemove(key, out _));
    }

    /// <summary>Takes over what other managers wrote. A list that was read before a change of this one's own says less than is known.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var before = Volatile.Read(ref _changes);
        var stored = await documents.ListAsync(Prefix, MaxPauses, cancellationToken);
        var known = new ConcurrentDictionary<string, PauseView>(stored.Select(document => KeyValuePair.Create(
            document.Key[Prefix.Length..], JsonSerializer.Deserialize<PauseView>(document.Body.Span, MillraceJson.Options)!)));
        lock (_lock)
        {
            if (_changes == before)
                _known = known;
        }
    }

    private void Change(Action<ConcurrentDictionary<string, PauseView>> change)
    {
        lock (_lock)
        {
            _changes++;
            change(_known);
        }
    }
}
