using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>Keeps what is warned of.</summary>
internal sealed class Warnings : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];

    public ILoggerFactory Factory => LoggerFactory.Create(logging => logging.AddProvider(this));

    public IReadOnlyList<string> Of(string part) => [.. _lines.Where(line => line.Contains(part, StringComparison.Ordinal))];

    /// <returns>The first warning with this part, once there is one.</returns>
    public async Task<string> NextAsync(string part, CancellationToken cancellationToken)
    {
        while (Of(part).Count == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        return Of(part)[0];
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            _lines.Enqueue(formatter(state, exception));
    }

    public void Dispose()
    {
    }
}
