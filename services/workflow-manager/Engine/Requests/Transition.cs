using System.Collections.Immutable;

namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>
/// What one event does. The law: state, timeline and effects are saved together, and only then is any effect carried out.
/// </summary>
/// <param name="HasChanged">False: the event was a duplicate or came too late to matter; there is nothing to save.</param>
public readonly record struct Transition(
    RequestState State, ImmutableArray<Effect> Effects, ImmutableArray<TimelineEvent> Timeline, bool HasChanged)
{
    public static Transition Unchanged(RequestState state) => new(state, [], [], false);
}
