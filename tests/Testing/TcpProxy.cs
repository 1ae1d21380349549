using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Millrace.Testing;

/// <summary>A wire that a test can cut: it carries bytes between a port of its own and a server's, until it is told not to.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _open = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile bool _silent;
    private volatile bool _refusing;

    /// <param name="target">The server's port on this machine.</param>
    public TcpProxy(int target = 0)
    {
        Target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Where new connections lead; a server that is started again may have another port.</summary>
    public int Target { get; set; }

    /// <summary>Resets every connection and refuses new ones until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _refusing = true;
        foreach (var socket in _open.Keys)
            Reset(socket);
    }

    /// <summary>Bytes vanish in both directions while connections stay open: a half-open network.</summary>
    public void Silence() => _silent = true;

    /// <summary>New connections pass again; silenced ones are reset, since bytes are missing from them.</summary>
    public void Mend()
    {
        if (_silent)
        {
            foreach (var socket in _open.Keys)
                Reset(socket);
        }
        (_silent, _refusing) = (false, false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        foreach (var socket in _open.Keys)
            Reset(socket);
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                if (_refusing)
                    Reset(client);
                else
                    _ = CarryAsync(client);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The proxy has been disposed of.
        }
    }

    private async Task CarryAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        (_open[client], _open[server]) = (true, true);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, Target, _stop.Token);
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The server is not there, which the client learns by the reset below.
        }
        Reset(client);
        Reset(server);
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is var count and > 0)
            {
                if (_silent)
                    continue;
                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stop.Token);
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has gone; the other is closed by the caller.
        }
    }

    private void Reset(Socket socket)
    {
        _open.TryRemove(socket, out _);
        try
        {
            if (socket.Connected)
                socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It was closed by itself meanwhile.
        }
        socket.Dispose();
    }
}
