using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Millrace.WorkflowManager.Tests.Suite;

/// <summary>A service of the suite on a port of its own, which answers as told and keeps what it was asked.</summary>
internal sealed class FakePeer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakePeer(WebApplication app) => _app = app;

    /// <summary>Method, path with query, and the credentials of each call.</summary>
    public ConcurrentQueue<(string Call, string Authorization, string ApiKey)> Calls { get; } = new();

    public string Url => _app.Urls.First();

    public static async Task<FakePeer> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var peer = new FakePeer(app);
        app.Run(async context =>
        {
            var request = context.Request;
            peer.Calls.Enqueue((
                $"{request.Method} {request.Path}{request.QueryString}", request.Headers.Authorization.ToString(), request.Headers["X-Api-Key"].ToString()));
            await answer(context);
        });
        await app.StartAsync();
        return peer;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
