namespace Millrace.PerspectiveEmulator;

/// <summary>
/// How the emulated API behaves. It emulates the contract, the quotas and the faults; its scores mean nothing.
/// </summary>
public sealed record EmulatorOptions
{
    public int Port { get; init; }

    /// <summary>Calls in any window of one second; 0: no such quota.</summary>
    public int PermitsPerSecond { get; init; }

    /// <summary>Calls in any window of one minute; 0: no such quota.</summary>
    public int PermitsPerMinute { get; init; }

    /// <summary>True: the project's quota of a minute is 0, as of one that never got any, and every call is refused.</summary>
    public bool WithoutQuota { get; init; }

    /// <summary>What the quota of a minute is called in a refusal (<c>quota_limit</c>); null: as Google calls it.</summary>
    public string? QuotaLimitName { get; init; }

    /// <summary>What a call that is answered 429 or 503 is told to wait, in seconds (<c>Retry-After</c>); 0: it is not told.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>Accepted keys; empty: any key, or none.</summary>
    public string[] ApiKeys { get; init; } = [];

    /// <summary>Languages in which the production attributes are scored beside those of the documents.</summary>
    public string[] MoreLanguages { get; init; } = [];

    /// <summary>Time that an answer takes at least, in milliseconds.</summary>
    public int LatencyMs { get; init; } = 60;

    /// <summary>Further time, evenly spread from 0 to this, in milliseconds.</summary>
    public int LatencyJitterMs { get; init; } = 40;

    /// <summary>Share of the calls answered 500, 0 to 1.</summary>
    public double ErrorShare { get; init; }

    /// <summary>Share of the calls never answered, 0 to 1.</summary>
    public double HangShare { get; init; }

    /// <summary>Share of the calls answered with half of the JSON, 0 to 1.</summary>
    public double TruncatedShare { get; init; }

    /// <summary>Seconds after the first call at which an outage begins; negative: none.</summary>
    public double OutageAfterSeconds { get; init; } = -1;

    /// <summary>How long the outage lasts: every call is answered 503.</summary>
    public double OutageSeconds { get; init; }

    /// <summary>True: every call is answered 400 FAILED_PRECONDITION, as of a project without billing.</summary>
    public bool LacksPrecondition { get; init; }

    /// <summary>Where every call is sent on to, with status 307; null: nowhere.</summary>
    public Uri? RedirectTo { get; init; }
}
