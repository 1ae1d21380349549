using System.Text.Json;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>A request begins once; the same post again is a duplicate, another under the same key a conflict.</summary>
internal static class Acceptance
{
    public static void Accept(Draft draft, RequestEvent.Accepted accepted)
    {
        if (draft.Count > 0)
        {
            if (!IsSame(draft.Request.Input, accepted.Input))
                draft.TellBounded(TimelineKind.Conflict, "The same key came again with another payload, which was not taken.");
            return;
        }
        draft.Begin(new RequestState
        {
            Id = accepted.Id,
            Input = accepted.Input,
            Scope = accepted.Scope,
            Parent = accepted.Parent,
            Priority = accepted.Priority,
            Deadline = accepted.Deadline,
            CreatedAt = draft.Now,
            TimeoutAt = accepted.Parent is null ? draft.Now + draft.Definition.Timeout : null,
        });
        draft.Tell(TimelineKind.Accepted);
        foreach (var step in draft.Graph.Order)
        {
            if (draft.Graph.Dependencies[step].IsEmpty)
                Progress.Start(draft, step);
        }
    }

    private static bool IsSame(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other)
    {
        if (one.Span.SequenceEqual(other.Span))
            return true;
        var options = new JsonDocumentOptions { MaxDepth = JsonProperties.MaxDepth };
        using var first = JsonDocument.Parse(one, options);
        using var second = JsonDocument.Parse(other, options);
        return JsonElement.DeepEquals(first.RootElement, second.RootElement);
    }
}
