namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>Where a child stands in the request that fanned out.</summary>
/// <param name="Step">Index of the task step in the parent.</param>
/// <param name="Attempt">The attempt of that step that started the child.</param>
/// <param name="Index">The item's position in the list, from 0.</param>
public sealed record ParentPlace(Guid RequestId, int Step, int Attempt, int Index)
{
    /// <summary>
    /// The name from which ids of children are derived and under which they are kept: the step's own for its first attempt, and
    /// <c>step@2</c> and so on after a redrive, so that children of two runs never meet.
    /// </summary>
    public static string NameOf(string step, int attempt) => attempt <= 1 ? step : $"{step}@{attempt}";
}
