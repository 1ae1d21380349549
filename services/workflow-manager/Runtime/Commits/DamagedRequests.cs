using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>Requests that the store can't load, or refuses to save, while it does others. Health names them until that has changed.</summary>
internal sealed partial class DamagedRequests(ManagerHealth health, ILogger<DamagedRequests> logger)
{
    private const string Topic = "requests";
    private const int MaxKept = 100;

    private readonly ConcurrentDictionary<Guid, string> _known = [];

    /// <returns>What whoever wanted something of the request is told.</returns>
    public InvalidDataException Note(Guid id, Exception failure)
    {
        if (_known.Count < MaxKept && _known.TryAdd(id, failure.Message))
        {
            LogDamaged(logger, id, failure);
            Tell();
        }
        return new InvalidDataException($"The store can't load or save request {id}, though it does others: {failure.Message}", failure);
    }

    /// <summary>It was loaded, or saved.</summary>
    public void Mended(Guid id)
    {
        if (_known.TryRemove(id, out _))
            Tell();
    }

    private void Tell()
    {
        var first = _known.FirstOrDefault();
        health.Complain(Topic, first.Value is null ? null : $"The store can't load or save {_known.Count} of its requests, such as {first.Key} ({first.Value}). "
            + "The others go on. Restore what is damaged from a copy, or remove these requests; what came for them is among the dead letters.");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The store can't load or save request {RequestId}, though it does others; nothing can be done about it")]
    private static partial void LogDamaged(ILogger logger, Guid requestId, Exception failure);
}
