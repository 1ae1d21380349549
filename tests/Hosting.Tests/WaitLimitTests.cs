using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Millrace.Contracts;
using Millrace.Hosting.Access;
using static Millrace.Hosting.Tests.TestHost;

namespace Millrace.Hosting.Tests;

/// <summary>How many calls may wait for their answers.</summary>
public sealed class WaitLimitTests
{
    private static readonly ApiKey Busy = ApiKey.Create();
    private static readonly ApiKey Calm = ApiKey.Create();

    /// <summary>An answer that is disposed of ends its call at once; the client would otherwise read on for two seconds.</summary>
    private readonly HttpClient _client = new(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero });

    [Fact]
    public async Task A_caller_that_waits_too_often_is_refused_further_waits_and_nothing_else_and_no_other_caller_is()
    {
        await using var app = await StartAsync([.. Keys, new("Access:WaitingCallsPerCaller", "2")]);
        using var first = await WaitAsync(app, Busy);
        using var second = await WaitAsync(app, Busy);

        using var refused = await WaitAsync(app, Busy);
        using var other = await WaitAsync(app, Calm);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal("urn:millrace:too-many-waits", (string?)(await refused.Content.ReadFromJsonAsync<JsonNode>())!["type"]);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/wait", Busy.Text));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_wait_that_has_ended_makes_room_for_another()
    {
        await using var app = await StartAsync([.. Keys, new("Access:WaitingCallsPerCaller", "1")]);
        using (var first = await WaitAsync(app, Busy))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        for (var call = 0; call < 1000; call++)
        {
            using var next = await WaitAsync(app, Busy);
            if (next.StatusCode == HttpStatusCode.OK)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        Assert.Fail("A wait that has ended is counted still.");
    }

    [Fact]
    public async Task All_callers_together_leave_half_of_the_connections_to_others()
    {
        await using var app = await StartAsync([.. Keys, new("Hosting:MaxConnections", "6")]);
        using var first = await WaitAsync(app, Busy);
        using var second = await WaitAsync(app, Busy);
        using var third = await WaitAsync(app, Calm);

        using var refused = await WaitAsync(app, Calm);

        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/health/live", null));
    }

    [Fact]
    public async Task Where_no_key_is_configured_all_callers_are_one()
    {
        await using var app = await StartAsync([new("Access:WaitingCallsPerCaller", "1")]);
        using var first = await WaitAsync(app, null);

        using var refused = await WaitAsync(app, null);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    private static IEnumerable<KeyValuePair<string, string?>> Keys =>
        [.. KeySettings(0, AccessRoles.Read, Busy), .. KeySettings(1, AccessRoles.Read, Calm), new("Access:CallsPerSecondPerKey", "100000")];

    /// <summary>Comes back when the call has been let in, and holds it until it is disposed of.</summary>
    private Task<HttpResponseMessage> WaitAsync(WebApplication app, ApiKey? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.First() + "/wait?wait=5m");
        if (key is not null)
            request.Headers.Add("X-Api-Key", key.Text);
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
