using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Millrace.Testing.Otlp;

/// <summary>
/// A real HTTP receiver that keeps what it is sent: OTLP in protobuf at the standard paths and at Seq's, and Seq's log events.
/// It stands in for a Seq server, of which none can be installed here, up to the wire.
/// </summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    public ConcurrentQueue<ReceivedLog> Logs { get; } = new();

    public ConcurrentQueue<ReceivedSpan> Spans { get; } = new();

    public ConcurrentQueue<string> Metrics { get; } = new();

    /// <summary>The values of the header <c>X-Seq-ApiKey</c>.</summary>
    public ConcurrentQueue<string> Keys { get; } = new();

    /// <summary>All that has come, as it came.</summary>
    public ConcurrentQueue<byte[]> Bodies { get; } = new();

    public string Url => _app.Urls.First();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        foreach (var prefix in new[] { "/ingest/otlp", "" })
        {
            app.MapPost(prefix + "/v1/logs", context => receiver.TakeAsync(context, body => OtlpMessages.ReadLogs(body).ToList().ForEach(receiver.Logs.Enqueue)));
            app.MapPost(prefix + "/v1/traces", context => receiver.TakeAsync(context, body => OtlpMessages.ReadSpans(body).ToList().ForEach(receiver.Spans.Enqueue)));
            app.MapPost(prefix + "/v1/metrics", context => receiver.TakeAsync(context, body => OtlpMessages.ReadMetricNames(body).ToList().ForEach(receiver.Metrics.Enqueue)));
        }
        foreach (var path in new[] { "/api/events/raw", "/ingest/clef" })
            app.MapPost(path, context => receiver.TakeAsync(context, body => ClefEvents.Read(body).ToList().ForEach(receiver.Logs.Enqueue)));
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context, Action<byte[]> read)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (context.Request.Headers["X-Seq-ApiKey"].ToString() is { Length: > 0 } key)
            Keys.Enqueue(key);
        var came = body.ToArray();
        Bodies.Enqueue(came);
        read(came);
    }
}
