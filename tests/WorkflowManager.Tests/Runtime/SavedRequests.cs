using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>Changes as a manager writes them, for a test to save itself.</summary>
internal static class SavedRequests
{
    /// <param name="at">When it was accepted; null: now.</param>
    public static RequestChange Begin(Workplace place, WorkflowDefinition workflow, Guid id, DateTimeOffset? at = null, int? priority = null)
    {
        var (documents, clock) = (place.Store.Documents, new StoreClock(TimeProvider.System));
        var gates = new StepGates(new Pauses(documents, clock), new RateGates(documents, new WorkflowManagerOptions(), clock),
            new StepLimits(new WorkflowCatalog(documents)), new BrokerWatch(place.Bus, clock), clock);
        var birth = new RequestBirth(workflow, id, null, "{}"u8.ToArray(), priority, null);
        var draft = new Draft(null);
        draft.Apply(Works.Accept(birth), gates, at ?? clock.GetUtcNow());
        draft.Write();
        return draft.Change!.Change;
    }

    /// <summary>The same as no build can read it.</summary>
    public static RequestChange Garble(this RequestChange change, byte state = 99) =>
        change with { Record = change.Record with { State = new[] { state } } };
}
