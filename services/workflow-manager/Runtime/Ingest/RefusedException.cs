namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>What was sent cannot be accepted, now or later: bad input, told to the sender and never tried again.</summary>
/// <param name="code">Stable, the last part of the problem's type <c>urn:millrace:code</c>.</param>
internal sealed class RefusedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
