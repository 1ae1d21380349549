using Millrace.Contracts;

namespace Millrace.Messaging.Workers;

/// <summary>What is said of one item: exactly one of output, error and retry-after.</summary>
/// <param name="RetryReason">Why the step is to wait, if the handler says so.</param>
internal readonly record struct StepReply(
    ReadOnlyMemory<byte>? Output = null, StepError? Error = null, TimeSpan? RetryAfter = null, string? RetryReason = null)
{
    public const string InvalidInput = "invalid_input";
    public const string InvalidOutput = "invalid_output";
    public const string OutputTooLarge = "output_too_large";
    public const string Expired = "expired";
    public const string Cancelled = "cancelled";
    public const string ResultCount = "result_count";

    private const int MaxTypeLength = 100;
    private const int MaxMessageLength = 2_000;

    public static StepReply Fail(string type, string message, bool transient = false) =>
        new(Error: new StepError(Cut(type, MaxTypeLength), Cut(message, MaxMessageLength), transient));

    public static StepReply Wait(TimeSpan time, string? reason) =>
        new(RetryAfter: time < TimeSpan.Zero ? TimeSpan.Zero : time, RetryReason: reason is null ? null : Cut(reason, MaxMessageLength));

    private static string Cut(string text, int maxLength) => text.Length <= maxLength ? text : text[..maxLength];
}
