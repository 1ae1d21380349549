using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Millrace.Fuzz.Tests;

/// <summary>Whatever is sent to the web server, byte by byte, of every route that it has: it answers, never with an error of its own, and a refusal says why.</summary>
public sealed class RestFuzzTests(ITestOutputHelper output)
{
    private const int LeastReason = 5;

    private readonly Dictionary<int, int> _statuses = [];
    private readonly HashSet<string> _reached = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Any_call_is_answered_and_never_breaks_the_server(bool hasKeys)
    {
        await using var host = await RestHost.StartAsync(hasKeys);
        using var seen = new SeenCalls();
        var calls = new RestCalls(host);

        foreach (var seed in calls.OneOfEach())
            Accepts(host, calls.Make(seed), seen);
        await Task.Run(() => new Fuzzer(output).Run(
            hasKeys ? "rest with keys" : "rest", 0.1, hasKeys ? 0.2 : 0.3, Arb.From(Gen.Choose(0, int.MaxValue - 1).Select(calls.Make)),
            call => Task.FromResult(Accepts(host, call, seen))));

        output.WriteLine(string.Join(", ", _statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.Empty(host.Endpoints.Select(NameOf).Except(_reached));
        await host.CheckAsync();
    }

    private static string NameOf(RouteEndpoint route) => $"{route.DisplayName} {route.RoutePattern.RawText}";

    private bool Accepts(RestHost host, RestCall call, SeenCalls seen)
    {
        var answer = RestAnswer.To(call, host.Port);
        var isSeen = seen.Find(answer.Port, out var route);
        if (route is not null)
            _reached.Add(NameOf(route));
        if (answer.IsSilence)
        {
            Assert.True(call.IsCut || (call.MayWait && answer.HasLeft), $"silence {call}");
            return false;
        }
        var status = answer.Status;
        _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
        Assert.True(status < 400 ? IsAllowed(host, call, route) : IsExplained(call, answer, isSeen), $"{answer}\nto {route?.DisplayName ?? "no route"} {call}");
        return status < 400;
    }

    /// <summary>With keys, what is not open to all is open to those alone who have one.</summary>
    private static bool IsAllowed(RestHost host, RestCall call, RouteEndpoint? route) =>
        !host.HasKeys || call.HasKey || route?.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    private static bool IsExplained(RestCall call, RestAnswer answer, bool isSeen)
    {
        // What is no HTTP the server refuses by itself, with the status alone; what is HTTP has the application's word.
        if (!isSeen)
            return (call.IsMutated || call.IsCut) && answer.Status is < 500 or 505;
        return answer.Status is < 500 or 503 && (call.Method == "HEAD" || answer.Reason() is { Length: >= LeastReason });
    }
}
