namespace Millrace.Contracts.Views;

/// <param name="Counts">Requests by status.</param>
/// <param name="File">The name of the file that it was read from; null for one given in code.</param>
public sealed record WorkflowItemView(string Name, string Version, PauseView? Paused, IReadOnlyDictionary<string, long> Counts, string? File = null);

public sealed record WorkflowListView(IReadOnlyList<WorkflowItemView> Items);

/// <summary>A workflow with its graph, and how many requests stand where.</summary>
/// <param name="Hash">The content hash of the definition that new requests get.</param>
/// <param name="Counts">Requests by status.</param>
public sealed record WorkflowView(
    string Name,
    string Version,
    string Hash,
    string? Key,
    double? TimeoutSeconds,
    double? RetentionSeconds,
    string? Schedule,
    PauseView? Paused,
    IReadOnlyDictionary<string, long> Counts,
    IReadOnlyList<WorkflowStepView> Steps,
    IReadOnlyList<WorkflowTaskView> Tasks,
    JsonBody Definition);

/// <summary>A node of the graph; <paramref name="Depends"/> are its edges.</summary>
/// <param name="Task">The task that it runs once an item; then <paramref name="Queue"/> is null.</param>
/// <param name="Counts">Requests by the step's status.</param>
public sealed record WorkflowStepView(
    string Name,
    string? Queue,
    string? Task,
    IReadOnlyList<string> Depends,
    int Batch,
    bool Conditional,
    IReadOnlyDictionary<string, long> Counts,
    GateView? Gate,
    PauseView? Paused,
    QueueView? QueueState);

public sealed record WorkflowTaskView(string Name, string ItemListKey, string ItemKey, int MaxParallel, IReadOnlyList<WorkflowStepView> Steps);

/// <summary>A rate limit and who waits at it.</summary>
/// <param name="ClosedUntil">Set while a worker's <c>retryAfterSeconds</c> holds everything back.</param>
/// <param name="Waiting">Reservations that are not due yet.</param>
/// <param name="Eta">When the last of them is due.</param>
public sealed record GateView(int? Permits, double? PerSeconds, DateTimeOffset? ClosedUntil, long Waiting, DateTimeOffset? Eta);

public sealed record PauseView(string By, DateTimeOffset At);

public sealed record QueueView(string Queue, long Messages, int Consumers);

/// <summary>A queue of the broker and what it is for.</summary>
/// <param name="Uses">Steps as <c>workflow/step</c>, inside a task <c>workflow/task/step</c>; or what the manager itself has it for.</param>
/// <param name="Messages">Ready to be delivered; null while the queue does not exist.</param>
public sealed record QueueUseView(string Queue, IReadOnlyList<string> Uses, long? Messages, int? Consumers);

public sealed record QueueListView(IReadOnlyList<QueueUseView> Items);

/// <summary>How many requests stand where. An empty <paramref name="Step"/> means the request itself.</summary>
public sealed record CountView(string Workflow, string Step, string Status, long Count);

public sealed record CountListView(IReadOnlyList<CountView> Items);
