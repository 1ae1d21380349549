using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.Contracts;
using Millrace.Hosting.Access;
using static Millrace.Hosting.Tests.TestHost;

namespace Millrace.Hosting.Tests;

public sealed class HealthTests
{
    private const string Said = "postgres://there: the password is wrong";

    private readonly SetClock _clock = new();
    private int _looks;

    [Fact]
    public async Task Whoever_asks_within_a_second_shares_one_look_at_the_checks()
    {
        await using var app = await StartAsync([], Add);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => AskAsync(app, "/health/ready", null)));
        _clock.Elapsed += TimeSpan.FromSeconds(0.9);
        await AskAsync(app, "/health/ready", null);
        Assert.Equal(1, _looks);

        _clock.Elapsed += TimeSpan.FromSeconds(0.1);
        await AskAsync(app, "/health/ready", null);
        Assert.Equal(2, _looks);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    [InlineData(AccessRoles.Ingest)]
    public async Task Who_may_not_read_sees_how_the_checks_are_and_not_what_they_say(string? caller)
    {
        var key = ApiKey.Create();
        await using var app = await StartAsync(KeySettings(0, AccessRoles.Ingest, key), Add);

        var (status, health) = await ReadyAsync(app, caller == AccessRoles.Ingest ? key.Text : caller);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("""{"status":"Unhealthy","checks":{"store":{"status":"Unhealthy"}}}""", health.ToJsonString());
    }

    [Fact]
    public async Task A_reader_sees_what_the_checks_say()
    {
        var key = ApiKey.Create();
        await using var app = await StartAsync(KeySettings(0, AccessRoles.Read, key), Add);

        var (_, health) = await ReadyAsync(app, key.Text);

        Assert.Equal(Said, (string?)health["checks"]!["store"]!["description"]);
        Assert.NotNull(health["version"]);
    }

    [Fact]
    public async Task Where_no_key_is_configured_everybody_sees_what_the_checks_say()
    {
        await using var app = await StartAsync([], Add);

        Assert.Equal(Said, (string?)(await ReadyAsync(app, null)).Health["checks"]!["store"]!["description"]);
    }

    private void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Services.AddHealthChecks().AddCheck("store", () =>
        {
            Interlocked.Increment(ref _looks);
            return HealthCheckResult.Unhealthy(Said);
        });
    }

    private static async Task<(HttpStatusCode Status, JsonNode Health)> ReadyAsync(WebApplication app, string? key)
    {
        using var answer = await AskAsync(app, "/health/ready", key);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Elapsed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Elapsed.Ticks;
    }
}
