using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Millrace.WorkflowManager.Tests.Api;
using Millrace.WorkflowManager.Tests.Runtime;

namespace Millrace.WorkflowManager.Tests.Fuzzing;

/// <summary>Whatever is sent to the web server, byte by byte: it answers, never with an error of its own, and a refusal says why.</summary>
public sealed class RestFuzzTests(ITestOutputHelper output)
{
    /// <summary>Until a silent server is told that its caller has said everything.</summary>
    private const int PatienceMs = 500;

    private const string Id = "0b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f10";

    private static readonly Arbitrary<byte[]> Targets = Mutations.Of(
        "/api/requests?workflow=chain&status=running&step=a&limit=10&after=x&from=2026-01-01T00:00:00Z", $"/api/requests/{Id}?wait=0s", $"/api/requests/{Id}/timeline?limit=5",
        "/api/workflows/chain/requests", "/api/workflows/chain", "/api/workflows", "/api/counts", $"/api/requests/{Id}/cancel", $"/api/requests/{Id}/restart?step=a",
        "/api/requests/redrive?workflow=chain&dryRun=true", "/api/workflows/chain/steps/a/pause", "/api/dead-letters?limit=3", "/health/ready", "/");

    private static readonly Arbitrary<byte[]> Bodies = Mutations.Of("""{"uri":"at://1","text":"x"}""", """[{"uri":"a"},{"uri":"b"}]""", "");

    private static readonly Arbitrary<byte[]> Headers = Mutations.Of(
        "Content-Type: application/json\r\n", $"request-id: {Id}\r\n", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n", "If-None-Match: \"1\"\r\n", "X-Api-Key: none\r\n");

    private static readonly Gen<byte[]> Calls =
        from method in Gen.Elements("GET", "POST", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW")
        from target in Targets.Generator
        from headers in Gen.Frequency((3, Gen.Constant("Content-Type: application/json\r\n"u8.ToArray())), (1, Headers.Generator))
        from body in Bodies.Generator
        from isSound in Gen.Choose(0, 3)
        select Write(method, isSound > 0 ? Escape(target) : target, headers, body);

    private readonly Dictionary<int, int> _statuses = [];

    [Fact]
    public async Task Any_call_is_answered_and_never_breaks_the_server()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var port = host.Http.BaseAddress!.Port;

        await Task.Run(() => new Fuzzer(output).Run("rest", 0.1, Arb.From(Calls, ArbMap.Default.ArbFor<byte[]>().Shrinker), call => Accepts(Send(port, call))));

        output.WriteLine(string.Join(", ", _statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}")));
        var (response, _) = await host.PostAsync("/api/workflows/chain/requests", """{"uri":"after it all"}""");
        Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
    }

    /// <summary>As a client would, so that strange bytes get past the request line.</summary>
    private static byte[] Escape(byte[] target) => [.. target.SelectMany(each =>
        char.IsAsciiLetterOrDigit((char)each) || "/?=&-_.:%"u8.Contains(each) ? [each] : Encoding.ASCII.GetBytes($"%{each:X2}"))];

    private static byte[] Write(string method, byte[] target, byte[] headers, byte[] body) =>
    [
        .. Encoding.ASCII.GetBytes($"{method} "), .. target, .. " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"u8, .. headers,
        .. Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n"), .. body,
    ];

    /// <summary>All that the server says until it closes.</summary>
    private static byte[] Send(int port, byte[] call)
    {
        using var client = new TcpClient("127.0.0.1", port) { ReceiveTimeout = PatienceMs };
        var stream = client.GetStream();
        stream.Write(call);
        using var answer = new MemoryStream();
        if (!ReadToEnd(stream, answer))
        {
            // A call that promises more than it holds: the server waits for the rest, until it is told that none will come.
            client.Client.Shutdown(SocketShutdown.Send);
            client.ReceiveTimeout = (int)FuzzSettings.InputLimit.TotalMilliseconds;
            Assert.True(ReadToEnd(stream, answer), "the server neither answers nor closes");
        }
        return answer.ToArray();
    }

    /// <returns>False if the server has not closed in time.</returns>
    private static bool ReadToEnd(NetworkStream stream, MemoryStream answer)
    {
        try
        {
            stream.CopyTo(answer);
            return true;
        }
        catch (IOException failure) when (failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // It closed before it had read everything; what it had said so far counts.
            return true;
        }
        catch (IOException failure) when (failure.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
        {
            return false;
        }
    }

    /// <summary>No answer at all is what half a call deserves, once its sender has gone.</summary>
    private bool Accepts(byte[] answer)
    {
        if (answer.Length == 0)
            return false;
        var text = Encoding.UTF8.GetString(answer);
        var status = int.Parse(text.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);
        _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
        // A version of HTTP that there is not is the caller's fault, whatever its number says.
        Assert.True(status is < 500 or (int)System.Net.HttpStatusCode.HttpVersionNotSupported, text);
        if (status >= 400 && text.Contains("application/problem+json", StringComparison.Ordinal) && BodyOf(answer) is { Length: > 0 } body)
            Assert.True(JsonNode.Parse(body)!["title"]!.ToString().Length > 3, text);
        return status < 400;
    }

    /// <summary>What follows the headers; a long body comes in chunks, each after its length.</summary>
    private static ReadOnlySpan<byte> BodyOf(byte[] answer)
    {
        var split = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        var rest = answer.AsSpan(split + 4);
        if (answer.AsSpan(0, split).IndexOf("Transfer-Encoding: chunked"u8) < 0)
            return rest;
        var body = new List<byte>();
        while (rest.IndexOf("\r\n"u8) is var line and > 0)
        {
            var length = int.Parse(rest[..line], System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
            body.AddRange(rest.Slice(line + 2, length));
            rest = rest[(line + 2 + length + 2)..];
        }
        return body.ToArray();
    }
}
