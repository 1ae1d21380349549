namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>The failures that the engine finds itself; all others are a worker's words.</summary>
public static class FailureTypes
{
    /// <summary>No reply within the step's timeout (transient), or the request's timeout has passed.</summary>
    public const string Timeout = "timeout";

    /// <summary>A worker's output is not one JSON object.</summary>
    public const string InvalidOutput = "invalid_output";

    /// <summary>The task's list is missing from the step's input, or is not a list.</summary>
    public const string ItemListMissing = "item_list_missing";

    /// <summary>The task's list is longer than the workflow allows.</summary>
    public const string TooManyItems = "too_many_items";

    /// <summary>The gathered outputs are larger than the manager allows.</summary>
    public const string GatherTooLarge = "gather_too_large";
}
