using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.PerspectiveEmulator;

/// <summary>
/// An emulator of the Perspective API on 127.0.0.1, for tests and benchmarks only: strict on contract and quotas, with latency, faults
/// and outages on demand. <c>GET /emulator/statistics</c> says what it has seen.
/// </summary>
public sealed class PerspectiveServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EmulatorOptions _options;
    private readonly CallCounter _counter;
    private readonly Queue<string> _bodies = new();
    private int _forcedStatus;

    private PerspectiveServer(EmulatorOptions options)
    {
        _options = options;
        _counter = new CallCounter(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // Arrivals are counted on the thread that reads them: a queue before the count would make windows of its own.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");
        _app = builder.Build();
        _app.MapPost("/v1alpha1/comments:analyze", AnalyzeAsync);
        _app.MapPost("/behind/a/gateway/v1alpha1/comments:analyze", AnalyzeAsync);
        _app.MapPost("/v1alpha1/comments:suggestscore", SuggestAsync);
        _app.MapGet("/emulator/statistics", () => _counter.Seen);
    }

    public Uri BaseUrl => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public EmulatorStatistics Statistics => _counter.Seen;

    /// <summary>The bodies of the last calls that were scored or rejected, oldest first, at most 100.</summary>
    public IReadOnlyList<string> LastBodies
    {
        get
        {
            lock (_bodies)
                return [.. _bodies];
        }
    }

    public static async Task<PerspectiveServer> StartAsync(EmulatorOptions options, CancellationToken cancellationToken)
    {
        var server = new PerspectiveServer(options);
        await server._app.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Every call is answered with this status from now on; 0 ends it.</summary>
    public void Force(int status) => Volatile.Write(ref _forcedStatus, status);

    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnalyzeAsync(HttpContext context)
    {
        var (since, limit, permits) = _counter.Arrive();
        var (status, body) = limit is not null ? Errors.Exhausted(limit, permits) : await AnswerAsync(context, since);
        var cut = status == 200 && Random.Shared.NextDouble() < _options.TruncatedShare;
        _counter.Answered(cut ? 502 : status);
        await WriteAsync(context, status, body, cut);
    }

    private async Task<(int Status, JsonObject Body)> AnswerAsync(HttpContext context, TimeSpan since)
    {
        if (Volatile.Read(ref _forcedStatus) is var forced and > 0)
            return forced == 403 ? Errors.Disabled() : (forced, Errors.Internal().Body);
        if (_options.RedirectTo is { } elsewhere)
        {
            context.Response.Headers.Location = new Uri(elsewhere, context.Request.Path + context.Request.QueryString).ToString();
            return (307, []);
        }
        if (_options.LacksPrecondition)
            return Errors.Precondition();
        if (_options.OutageAfterSeconds >= 0 && since.TotalSeconds >= _options.OutageAfterSeconds
            && since.TotalSeconds < _options.OutageAfterSeconds + _options.OutageSeconds)
            return Errors.Unavailable();
        if (_options.ApiKeys.Length > 0 && context.Request.Query["key"].ToString() is var key && !_options.ApiKeys.Contains(key))
            return key.Length == 0 ? Errors.NoKey() : Errors.WrongKey();
        if (Random.Shared.NextDouble() < _options.HangShare)
        {
            _counter.Answered(504);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }
        if (Random.Shared.NextDouble() < _options.ErrorShare)
            return Errors.Internal();
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory, context.RequestAborted);
        Remember(memory.ToArray());
        var latency = TimeSpan.FromMilliseconds(_options.LatencyMs + (_options.LatencyJitterMs * Random.Shared.NextDouble()));
        await Task.Delay(latency, TimeProvider.System, context.RequestAborted);
        return Contract.Analyze(memory.ToArray(), _options.MoreLanguages);
    }

    /// <summary>Outside of the quota and the faults, which are those of analyses.</summary>
    private static async Task SuggestAsync(HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory, context.RequestAborted);
        var (status, body) = Contract.Suggest(memory.ToArray());
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=UTF-8";
        await context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private void Remember(byte[] body)
    {
        lock (_bodies)
        {
            if (_bodies.Count == 100)
                _bodies.Dequeue();
            _bodies.Enqueue(System.Text.Encoding.UTF8.GetString(body));
        }
    }

    private async Task WriteAsync(HttpContext context, int status, JsonObject body, bool cut)
    {
        context.Response.StatusCode = status;
        if (status is 429 or 503 && _options.RetryAfterSeconds > 0)
            context.Response.Headers.RetryAfter = _options.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Response.ContentType = "application/json; charset=UTF-8";
        var text = body.ToJsonString();
        await context.Response.WriteAsync(cut ? text[..(text.Length / 2)] : text, context.RequestAborted);
    }
}
