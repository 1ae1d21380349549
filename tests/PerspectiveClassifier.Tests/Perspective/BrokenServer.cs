using System.Net;
using System.Net.Sockets;

namespace Millrace.PerspectiveClassifier.Tests.Perspective;

/// <summary>Accepts connections and then either resets them at the first bytes or answers a letter at a time, for ever.</summary>
internal sealed class BrokenServer : IAsyncDisposable
{
    private static readonly TimeSpan Drip = TimeSpan.FromMilliseconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly bool _drips;
    private readonly Task _serving;
    private int _connections;

    public BrokenServer(bool drips)
    {
        _drips = drips;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = AcceptAsync();
    }

    public int Port { get; }

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        while (await TryAsync(async () =>
        {
            var client = await _listener.AcceptSocketAsync(_stopping.Token);
            Interlocked.Increment(ref _connections);
            open.Add(TryAsync(() => BreakAsync(client)));
        }))
        {
        }
        await Task.WhenAll(open);
    }

    private async Task BreakAsync(Socket client)
    {
        using (client)
        {
            await client.ReceiveAsync(new byte[64 * 1024], _stopping.Token);
            client.LingerState = new LingerOption(true, 0);
            if (!_drips)
                return;
            await client.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{"u8.ToArray(), _stopping.Token);
            while (true)
            {
                await client.SendAsync(" "u8.ToArray(), _stopping.Token);
                await Task.Delay(Drip, TimeProvider.System, _stopping.Token);
            }
        }
    }

    /// <returns>False once it is over: the server stops, or the client has gone.</returns>
    private static async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception over) when (over is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
