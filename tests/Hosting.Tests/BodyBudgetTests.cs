using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Millrace.Contracts;
using Millrace.Hosting.Access;
using static Millrace.Hosting.Tests.TestHost;

namespace Millrace.Hosting.Tests;

/// <summary>How many bytes of bodies may be in memory.</summary>
public sealed class BodyBudgetTests
{
    private const string OneBody = "1024";
    private const string TwoBodies = "2048";

    private static readonly ApiKey Busy = ApiKey.Create();
    private static readonly ApiKey Calm = ApiKey.Create();

    [Fact]
    public async Task A_caller_that_sends_too_much_at_once_waits_and_no_other_does()
    {
        await using var app = await StartAsync(Settings(perCaller: TwoBodies, together: "100000"));
        using var first = await SlowBody.SendAsync(app, Busy, "Content-Length: 1024");
        using var second = await SlowBody.SendAsync(app, Busy, "Content-Length: 1024");

        using var refused = await SlowBody.SendAsync(app, Busy, "Content-Length: 1");
        using var other = await SlowBody.SendAsync(app, Calm, "Content-Length: 1024");

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], [first.Status, second.Status, refused.Status, other.Status]);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/read", Busy.Text));
    }

    [Fact]
    public async Task What_is_in_hand_of_all_callers_is_bounded_and_health_answers_still()
    {
        await using var app = await StartAsync(Settings(perCaller: TwoBodies, together: TwoBodies));
        using var first = await SlowBody.SendAsync(app, Busy, "Content-Length: 1024");
        using var second = await SlowBody.SendAsync(app, Busy, "Content-Length: 1024");

        using var refused = await SlowBody.SendAsync(app, Calm, "Content-Length: 1");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/health/live", null));
    }

    [Fact]
    public async Task A_body_that_does_not_say_its_length_counts_as_the_largest()
    {
        await using var app = await StartAsync(Settings(perCaller: OneBody, together: "100000"));
        using var first = await SlowBody.SendAsync(app, Busy, "Transfer-Encoding: chunked");

        using var refused = await SlowBody.SendAsync(app, Busy, "Content-Length: 1");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
    }

    [Fact]
    public async Task A_body_that_is_answered_makes_room_for_another()
    {
        await using var app = await StartAsync(Settings(perCaller: OneBody, together: OneBody));
        using (var first = await SlowBody.SendAsync(app, Busy, "Content-Length: 1024"))
            Assert.Equal(HttpStatusCode.OK, first.Status);

        for (var call = 0; call < 1000; call++)
        {
            using var next = await SlowBody.SendAsync(app, Busy, "Content-Length: 1024");
            if (next.Status == HttpStatusCode.OK)
                return;
        }
        Assert.Fail("A body whose call has ended is counted still.");
    }

    [Fact]
    public void There_must_be_room_for_one_body()
    {
        var error = Assert.Throws<ConfigurationException>(() => Build([new("Access:BodyBytesPerCaller", OneBody), new("Hosting:MaxBodyBytesTogether", OneBody)]));

        Assert.Equal(["Hosting:MaxBodyBytesTogether", "Access:BodyBytesPerCaller"], error.Problems.Select(problem => problem.Split(' ')[0]));
    }

    private static IEnumerable<KeyValuePair<string, string?>> Settings(string perCaller, string together) =>
    [
        .. KeySettings(0, AccessRoles.Read, Busy), .. KeySettings(1, AccessRoles.Read, Calm), new("Access:CallsPerSecondPerKey", "100000"),
        new("Hosting:MaxBodyBytes", OneBody), new("Access:BodyBytesPerCaller", perCaller), new("Hosting:MaxBodyBytesTogether", together),
    ];

    /// <summary>A call whose body never comes; it ends when this is disposed of.</summary>
    private sealed class SlowBody(TcpClient connection, HttpStatusCode status) : IDisposable
    {
        public HttpStatusCode Status => status;

        public static async Task<SlowBody> SendAsync(WebApplication app, ApiKey key, string length)
        {
            var address = new Uri(app.Urls.First());
            var connection = new TcpClient();
            await connection.ConnectAsync(address.Host, address.Port);
            var head = $"POST /body HTTP/1.1\r\nHost: {address.Authority}\r\nX-Api-Key: {key.Text}\r\n{length}\r\n\r\n";
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
            var answer = await new StreamReader(connection.GetStream()).ReadLineAsync();
            return new SlowBody(connection, (HttpStatusCode)int.Parse(answer!.Split(' ')[1]));
        }

        public void Dispose() => connection.Dispose();
    }
}
