namespace Millrace.Contracts;

/// <summary>Nobody waits any more for what a step's queue holds of this request.</summary>
/// <param name="CorrelationId">The message's, <c>request-id:step</c>.</param>
/// <param name="Attempt">The last attempt that this is true of; earlier ones are as well.</param>
public sealed record CancelledDispatch(string CorrelationId, int Attempt);
