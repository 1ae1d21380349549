using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Millrace.Fuzz.Tests;

/// <summary>Which calls got past the server to the application, and which route took them: known by the caller's port.</summary>
internal sealed class SeenCalls : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string Begun = "Microsoft.AspNetCore.Hosting.HttpRequestIn.Start";
    private const string Routed = "Microsoft.AspNetCore.Routing.EndpointMatched";

    private readonly ConcurrentDictionary<int, RouteEndpoint?> _calls = [];
    private readonly List<IDisposable> _subscriptions = [];

    public SeenCalls() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

    /// <returns>True if the application was given the call.</returns>
    public bool Find(int port, out RouteEndpoint? route) => _calls.TryRemove(port, out route);

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.AspNetCore")
            _subscriptions.Add(value.Subscribe(this));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is { Key: Begun or Routed, Value: HttpContext context })
            _calls[context.Connection.RemotePort] = context.GetEndpoint() as RouteEndpoint;
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());
}
