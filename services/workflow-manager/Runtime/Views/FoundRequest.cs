using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>A request as the store has it.</summary>
/// <param name="Request">Null if this build can't read it; then <paramref name="Problem"/> says why, and what to do.</param>
internal sealed record FoundRequest(RequestRecord Record, RunningRequest? Request, string? Problem);
