using System.Net;
using Microsoft.AspNetCore.Builder;
using Millrace.Contracts;
using Millrace.Hosting.Access;
using static Millrace.Hosting.Tests.TestHost;

namespace Millrace.Hosting.Tests;

public sealed class CallLimitTests
{
    [Fact]
    public async Task A_caller_that_calls_too_often_is_told_how_long_to_wait_and_no_other_is()
    {
        var (busy, calm) = (ApiKey.Create(), ApiKey.Create());
        await using var app = await StartAsync(
            [.. KeySettings(0, AccessRoles.Read, busy), .. KeySettings(1, AccessRoles.Read, calm), new("Access:CallsPerSecondPerKey", "1")]);

        var refused = await CallUntilRefusedAsync(app, "/read", busy.Text);

        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 2);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/read", calm.Text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task An_address_that_calls_too_often_without_a_known_key_is_told_to_wait_and_its_probes_are_not(string? key)
    {
        var known = ApiKey.Create();
        await using var app = await StartAsync([.. KeySettings(0, AccessRoles.Read, known), new("Access:CallsPerSecondPerAddress", "1")]);

        var refused = await CallUntilRefusedAsync(app, "/read", key);

        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/health/live", key));
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/read", known.Text));
    }

    [Fact]
    public async Task Guessing_keys_at_a_route_that_looks_at_them_itself_takes_nothing_from_the_probes()
    {
        await using var app = await StartAsync([.. KeySettings(0, AccessRoles.Read, ApiKey.Create()), new("Access:CallsPerSecondPerAddress", "1")]);

        await CallUntilRefusedAsync(app, "/checked-inside", "wrong");

        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/health/live", null));
    }

    [Fact]
    public async Task Where_no_key_is_configured_nobody_waits()
    {
        await using var app = await StartAsync([new("Access:CallsPerSecondPerAddress", "1")]);

        for (var call = 0; call < 5; call++)
            Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/read", null));
    }

    private static async Task<HttpResponseMessage> CallUntilRefusedAsync(WebApplication app, string path, string? key)
    {
        for (var call = 0; call < 50; call++)
        {
            var response = await AskAsync(app, path, key);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                return response;
        }
        throw new InvalidOperationException("50 calls were let through.");
    }
}
