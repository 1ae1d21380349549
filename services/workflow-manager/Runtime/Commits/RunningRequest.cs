using Millrace.Contracts;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>A request as last committed, with what is needed to decide about it.</summary>
internal sealed record RunningRequest(RequestRecord Record, WorkflowDefinition Definition, RequestState State, string? TraceParent)
{
    public Guid Id => Record.Id;

    public bool IsFinished => State.IsFinished;

    public StepGraph Graph => Definition.GraphOf(State.Scope);

    /// <summary>Roughly what it takes in memory.</summary>
    public long Bytes
    {
        get
        {
            long bytes = 1_000 + State.Input.Length;
            foreach (var step in State.Steps)
                bytes += step.Output?.Length ?? 0;
            return bytes;
        }
    }

    /// <exception cref="InvalidDataException">Its definition or its state can't be read by this build.</exception>
    public static async Task<RunningRequest> ReadAsync(StoredRequest stored, WorkflowCatalog catalog, CancellationToken cancellationToken)
    {
        try
        {
            return await DecodeAsync(stored, catalog, cancellationToken);
        }
        catch (Exception failure) when (failure is not InvalidDataException && !Outage.Is(failure))
        {
            // Whatever a decoder stumbles over: it is this request that can't be read, and no other.
            throw new InvalidDataException($"Request {stored.Record.Id} can't be read: {failure.Message}", failure);
        }
    }

    private static async Task<RunningRequest> DecodeAsync(StoredRequest stored, WorkflowCatalog catalog, CancellationToken cancellationToken)
    {
        var definition = await catalog.FindVersionAsync(stored.Record.DefinitionHash, cancellationToken)
            ?? throw new InvalidDataException($"The definition {stored.Record.DefinitionHash} of request {stored.Record.Id} is not stored.");
        var outputs = stored.Outputs.ToDictionary(output => output.Name, output => output.Body);
        var scope = StateCodec.ReadScope(stored.Record.State.Span);
        var names = definition.GraphOf(scope).Steps.Select(step => step.Name).ToList();
        var (state, traceParent) = StateCodec.Read(stored.Record, outputs, names);
        return new RunningRequest(stored.Record, definition, state, traceParent);
    }

    public StepKey KeyOf(int step) => KeyOf(Definition, State.Scope, step);

    public static StepKey KeyOf(WorkflowDefinition definition, int scope, int step)
    {
        var name = definition.GraphOf(scope).Steps[step].Name;
        return new StepKey(definition.Name, scope == WorkflowDefinition.TopScope ? name : $"{definition.Tasks[scope].Name}/{name}");
    }

    public StepAddress AddressOf(int step) => new(Id, Graph.Steps[step].Name);
}
