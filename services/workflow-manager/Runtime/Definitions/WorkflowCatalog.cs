using System.Collections.Concurrent;
using Millrace.Storage.Documents;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Runtime.Definitions;

/// <summary>The definitions that new requests get, by name, and every version that some request still keeps, by hash.</summary>
internal sealed class WorkflowCatalog(IDocumentStore documents)
{
    private const string Prefix = "definitions/";
    private const int MaxVersions = 10_000;

    private readonly ConcurrentDictionary<string, WorkflowDefinition> _versions = new();
    private volatile IReadOnlyDictionary<string, string> _files = new Dictionary<string, string>();
    private volatile IReadOnlyDictionary<string, WorkflowDefinition> _current = new Dictionary<string, WorkflowDefinition>();

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<WorkflowDefinition> Current => [.. _current.Values.OrderBy(definition => definition.Name, StringComparer.Ordinal)];

    public WorkflowDefinition? Find(string workflow) => _current.GetValueOrDefault(workflow);

    /// <summary>The name of the file that a workflow in force was read from; null for one given in code.</summary>
    public string? FileOf(string workflow) => _files.GetValueOrDefault(workflow);

    /// <summary>The same with the file of each.</summary>
    public async Task PublishAsync(
        IReadOnlyList<WorkflowDefinition> definitions, IReadOnlyDictionary<string, string> files, CancellationToken cancellationToken)
    {
        await PublishAsync(definitions, cancellationToken);
        _files = files;
    }

    /// <summary>From now on these are the definitions for new requests. Saved first: a request must never outlive its definition.</summary>
    public async Task PublishAsync(IReadOnlyList<WorkflowDefinition> definitions, CancellationToken cancellationToken)
    {
        foreach (var definition in definitions)
        {
            await documents.PutAsync(Prefix + definition.Hash, DefinitionCodec.Write(definition), 0, cancellationToken);
            Remember(definition);
        }
        _current = definitions.ToDictionary(definition => definition.Name);
    }

    public async ValueTask<WorkflowDefinition?> FindVersionAsync(string hash, CancellationToken cancellationToken)
    {
        if (_versions.TryGetValue(hash, out var known))
            return known;
        if (await documents.GetAsync(Prefix + hash, cancellationToken) is not { } stored)
            return null;
        var definition = DefinitionCodec.Read(stored.Body);
        Remember(definition);
        return definition;
    }

    private void Remember(WorkflowDefinition definition)
    {
        // More versions than anyone keeps running: start over, the documents know them all.
        if (_versions.Count >= MaxVersions)
            _versions.Clear();
        _versions[definition.Hash] = definition;
    }
}
