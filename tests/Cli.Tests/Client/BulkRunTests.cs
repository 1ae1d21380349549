using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Cli.Client;
using Millrace.Contracts;
using Millrace.Contracts.Views;

namespace Millrace.Cli.Tests.Client;

/// <summary>Many requests, call after call, against a server that answers as a manager does.</summary>
public sealed class BulkRunTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_follow_the_cursor_and_their_counts_are_added()
    {
        await using var manager = await FakeManager.StartAsync(after => Results.Json(
            after switch
            {
                "" => Page(200, 199, 1, 0, "second"),
                "second" => Page(200, 200, 0, 0, "third"),
                _ => Page(50, 48, 0, 2, null),
            }, MillraceJson.Options));
        using var client = new MillraceClient(manager.Url, null);
        var told = new List<int>();

        var sum = await new BulkRun(client, Path).RunAsync(so => told.Add(so.Matched), Now);

        Assert.Equal((450, 447, 1, 2), (sum.Matched, sum.Changed, sum.Refused, sum.Failed));
        Assert.Equal([200, 400, 450], told);
        Assert.Equal(["refused", "failed"], sum.Problems!.Select(problem => problem.Outcome));
    }

    [Fact]
    public async Task A_call_that_fails_says_what_was_done_before_it()
    {
        await using var manager = await FakeManager.StartAsync(
            after => after == "" ? Results.Json(Page(200, 200, 0, 0, "second"), MillraceJson.Options) : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        using var client = new MillraceClient(manager.Url, null);

        var failure = await Assert.ThrowsAsync<MillraceClientException>(() => new BulkRun(client, Path).RunAsync(_ => { }, Now));

        Assert.Contains("200 were looked at and 200 changed", failure.Message, StringComparison.Ordinal);
    }

    private static string Path(string? after) => "api/requests/redrive?after=" + after;

    private static BulkView Page(int matched, int changed, int refused, int failed, string? next) => new(
        matched, changed, DryRun: false, [], refused, failed,
        [.. new[] { (refused, "refused"), (failed, "failed") }.Where(each => each.Item1 > 0).Select(each => new BulkProblemView(Guid.Empty, each.Item2, "so"))], next);

    private sealed class FakeManager(WebApplication app) : IAsyncDisposable
    {
        public Uri Url { get; } = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

        public static async Task<FakeManager> StartAsync(Func<string, IResult> answer)
        {
            var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning"]);
            var app = builder.Build();
            app.MapPost("/api/requests/redrive", (string after) => answer(after));
            await app.StartAsync(Now);
            return new FakeManager(app);
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
