using System.Text.Json;

namespace Millrace.Contracts;

/// <summary>One request inside a batched step message.</summary>
/// <param name="CorrelationId">A <see cref="StepAddress"/> as text.</param>
/// <param name="Attempt">The number of this dispatch, from 1.</param>
/// <param name="Input">The merged outputs of the step's direct dependencies, a JSON object.</param>
public sealed record BatchItem(string CorrelationId, int Attempt, JsonElement Input);

/// <summary>One answer inside a batched reply: exactly one of output, error and retryAfterSeconds is set.</summary>
/// <param name="RetryReason">Why the step is to wait, with retryAfterSeconds; may be missing.</param>
public sealed record BatchReply(
    string CorrelationId, int? Attempt = null, JsonElement? Output = null, StepError? Error = null, double? RetryAfterSeconds = null,
    string? RetryReason = null);
