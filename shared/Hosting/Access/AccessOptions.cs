using System.ComponentModel.DataAnnotations;

namespace Millrace.Hosting.Access;

/// <summary>Who may call the REST routes. Section <c>Access</c>. Without keys and tokens only loopback may be bound.</summary>
public sealed record AccessOptions
{
    public const string Section = "Access";

    /// <summary>API keys; a caller sends one as <c>Authorization: Bearer KEY</c> or in the header <c>X-Api-Key</c>.</summary>
    public IReadOnlyList<ApiKeyOptions> Keys { get; init; } = [];

    /// <summary>Signed tokens, beside or instead of keys.</summary>
    public JwtOptions? Jwt { get; init; }

    /// <summary>Calls a second that one key, or one subject of tokens, may make on average, from 1 to 100,000; more are answered with 429.</summary>
    [Range(1, 100_000)]
    public int CallsPerSecondPerKey { get; init; } = 200;

    /// <summary>
    /// Calls a second without a key that is known, or with a token that is not believed, which one address may make on average, from
    /// 1 to 100,000. Health and metrics, other open routes (pages, OpenAPI) and refused calls are counted apart. Not kept where neither keys nor
    /// tokens are configured.
    /// </summary>
    [Range(1, 100_000)]
    public int CallsPerSecondPerAddress { get; init; } = 200;

    /// <summary>
    /// Calls that one caller may have waiting for their answers at once (with <c>wait</c>, or a stream of events), from 1 to 100,000; more
    /// are answered with 429. Where neither keys nor tokens are configured all callers are one.
    /// </summary>
    [Range(1, 100_000)]
    public int WaitingCallsPerCaller { get; init; } = 200;

    /// <summary>Bytes of the bodies that one caller may have in hand at once, from 1 KiB on, and not less than one body; more are answered with 429.</summary>
    [Range(1024, int.MaxValue)]
    public int BodyBytesPerCaller { get; init; } = 64 * 1024 * 1024;

    public bool IsConfigured => Keys.Count > 0 || Jwt is not null;
}

/// <summary>One API key, known here only by its hash.</summary>
public sealed record ApiKeyOptions
{
    /// <summary>Whose key it is; shown in logs and in who paused what.</summary>
    [Required]
    public string Name { get; init; } = "";

    /// <summary>SHA-256 of the key in 64 hexadecimal digits, as <c>millrace key</c> prints it.</summary>
    [Required, RegularExpression("^[0-9a-fA-F]{64}$")]
    public string Sha256 { get; init; } = "";

    /// <summary>Any of <c>ingest</c>, <c>read</c>, <c>operate</c>.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Roles { get; init; } = [];
}

/// <summary>
/// Which signed tokens are believed. The algorithm, issuer and audience are pinned; a token must also have an end (<c>exp</c>) and a
/// subject (<c>sub</c>), which is the caller's name.
/// </summary>
public sealed record JwtOptions
{
    [Required]
    public string Issuer { get; init; } = "";

    [Required]
    public string Audience { get; init; } = "";

    /// <summary>A PEM file with the issuer's RSA or EC public key.</summary>
    [Required]
    public string PublicKeyFile { get; init; } = "";

    /// <summary>The claim that lists the roles.</summary>
    public string RoleClaim { get; init; } = "roles";
}
