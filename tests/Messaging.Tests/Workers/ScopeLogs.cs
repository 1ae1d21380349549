using Microsoft.Extensions.Logging;

namespace Millrace.Messaging.Tests.Workers;

/// <summary>Keeps the scope in which the last warning was logged.</summary>
internal sealed class ScopeLogs : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public IReadOnlyList<KeyValuePair<string, object>> Seen { get; private set; } = [];

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public ILogger CreateLogger(string categoryName) => new ScopeLog(this);

    public void Dispose()
    {
    }

    private sealed class ScopeLog(ScopeLogs logs) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => logs._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var seen = new List<KeyValuePair<string, object>>();
            logs._scopes.ForEachScope((scope, list) => list.AddRange(scope as IEnumerable<KeyValuePair<string, object>> ?? []), seen);
            logs.Seen = seen;
        }
    }
}
