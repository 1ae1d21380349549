using System.ComponentModel.DataAnnotations;

namespace Millrace.Hosting;

/// <summary>The address of a service and its limits. Section <c>Hosting</c>.</summary>
public sealed record HostingOptions
{
    public const string Section = "Hosting";

    /// <summary>An IP address, or <c>localhost</c>.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>From 0 (any free port) to 65,535.</summary>
    [Range(0, 65_535)]
    public int Port { get; init; } = 8080;

    /// <summary>
    /// Names, without a port, under which this host may be called beside <c>localhost</c> and loopback addresses. Empty: no others, or, once
    /// keys or tokens are configured, any.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Bytes of one request's body, from 1 KiB to 64 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxBodyBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Bytes of all the bodies that are in hand at once, from 1 KiB to 2 GiB less one byte, and not less than one body; more are answered with 503.</summary>
    [Range(1024, int.MaxValue)]
    public int MaxBodyBytesTogether { get; init; } = 256 * 1024 * 1024;

    /// <summary>Open connections, from 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; init; } = 2_000;

    /// <summary>Half of the connections at most are for calls that wait, whoever makes them.</summary>
    public int MaxWaitingCalls => Math.Max(1, MaxConnections / 2);

    /// <summary>Seconds that a stop waits for work in progress, from 1 to 600.</summary>
    [Range(1, 600)]
    public int ShutdownTimeoutSeconds { get; init; } = 30;
}
