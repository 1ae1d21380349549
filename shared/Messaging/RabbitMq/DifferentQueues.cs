using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Millrace.Messaging.RabbitMq;

/// <summary>Tells once of each queue or exchange that is there with other settings than are asked for here, such as another type.</summary>
internal sealed partial class DifferentQueues(ILogger logger)
{
    private const int MaxNames = 10_000;

    private readonly ConcurrentDictionary<string, bool> _told = [];

    public bool IsNew(string name) => _told.Count < MaxNames && !_told.ContainsKey(name);

    /// <param name="reason">The broker's words, which name both values; a queue without a type is classic.</param>
    public void Tell(string name, string reason)
    {
        if (_told.TryAdd(name, true))
            LogDifferent(logger, name, reason.Replace("but current is none", "but current is none (classic)", StringComparison.Ordinal));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} exists with other settings and is used as it is: {Reason}")]
    private static partial void LogDifferent(ILogger logger, string name, string reason);
}
