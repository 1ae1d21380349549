using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Fuzz.Tests;

/// <summary>All that the server said until it closed, or until the caller left.</summary>
/// <param name="Port">The caller's.</param>
/// <param name="HasLeft">The caller did not wait for the end.</param>
internal sealed record RestAnswer(byte[] Bytes, int Port, bool HasLeft)
{
    /// <summary>How long a caller waits that asked for what comes later.</summary>
    private const int ShortPatienceMs = 50;

    /// <summary>A server that is silent for so long hangs.</summary>
    private const int PatienceMs = 20_000;

    public bool IsSilence => Bytes.Length == 0;

    public int Status => int.Parse(Encoding.ASCII.GetString(Bytes, 9, 3), CultureInfo.InvariantCulture);

    public static RestAnswer To(RestCall call, int port)
    {
        using var client = new TcpClient("127.0.0.1", port) { ReceiveTimeout = call.MayWait ? ShortPatienceMs : PatienceMs };
        var own = ((System.Net.IPEndPoint)client.Client.LocalEndPoint!).Port;
        var stream = client.GetStream();
        using var answer = new MemoryStream();
        try
        {
            stream.Write(call.Bytes);
            if (call.IsCut)
                client.Client.Shutdown(SocketShutdown.Send);
            stream.CopyTo(answer);
            return new RestAnswer(answer.ToArray(), own, HasLeft: false);
        }
        catch (IOException failure) when (failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown })
        {
            // It closed before it had read everything; what it had said so far counts.
            return new RestAnswer(answer.ToArray(), own, HasLeft: false);
        }
        catch (IOException failure) when (failure.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
        {
            return new RestAnswer(answer.ToArray(), own, HasLeft: true);
        }
    }

    /// <summary>Why the call was refused: problem details, or an error as Perspective and OpenAI write it; null if it does not say.</summary>
    public string? Reason()
    {
        try
        {
            var body = JsonNode.Parse(BodyOf(Bytes)) as JsonObject;
            return (string?)body?["detail"] ?? (string?)body?["title"] ?? (string?)body?["error"]?["message"];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public override string ToString() => IsSilence ? "silence" : Encoding.UTF8.GetString(Bytes);

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
            var length = int.Parse(rest[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.AddRange(rest.Slice(line + 2, length));
            rest = rest[(line + 2 + length + 2)..];
        }
        return body.ToArray();
    }
}
