using System.Text;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests;

/// <summary>Applies events one after the other to one request.</summary>
internal sealed class Driver(WorkflowDefinition definition)
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public WorkflowDefinition Definition { get; } = definition;

    public RequestState State { get; private set; } = RequestState.None;

    public List<TimelineEvent> Timeline { get; } = [];

    public static WorkflowDefinition Workflow(params StepDefinition[] steps) => new() { Name = "w", Hash = "0123456789abcdef", Steps = [.. steps] };

    public static byte[] Utf8(string json) => Encoding.UTF8.GetBytes(json);

    public Driver Accept(string payload = "{}")
    {
        Apply(new RequestEvent.Accepted(Start, Guid.Empty, Utf8(payload)));
        return this;
    }

    public Transition Apply(RequestEvent happened)
    {
        var transition = WorkflowEngine.Apply(Definition, State, happened);
        State = transition.State;
        Timeline.AddRange(transition.Timeline);
        return transition;
    }
}
