namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>Whether a reply would still count: the same for one that has come and for one that a worker has yet to make.</summary>
public static class WantedRule
{
    /// <param name="step">A step of <paramref name="request"/>.</param>
    public static bool IsWanted(RequestState request, StepState step, int attempt)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(step);
        return !request.IsFinished && step.IsActive && attempt >= step.FirstAttempt;
    }
}
