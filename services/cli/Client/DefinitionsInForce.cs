using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Millrace.WorkflowManager.Definitions.Plans;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.Cli.Client;

/// <summary>What new requests get now, from which files, and how each workflow stands, as a manager says.</summary>
/// <param name="Files">Workflow to the name of its file; those given in code are not in it.</param>
internal sealed record DefinitionsInForce(
    ImmutableArray<WorkflowDefinition> Definitions, IReadOnlyDictionary<string, string> Files, IReadOnlyDictionary<string, WorkflowStanding> Standing)
{
    /// <returns>Null if no manager answers.</returns>
    /// <exception cref="MillraceClientException">A manager answers, but not with these: a key is missing, say.</exception>
    public static async Task<DefinitionsInForce?> FindAsync(MillraceClient client, CancellationToken cancellationToken)
    {
        try
        {
            var definitions = ImmutableArray.CreateBuilder<WorkflowDefinition>();
            var files = new Dictionary<string, string>();
            var standing = (await RequestCounts.ReadAsync(client, cancellationToken)).Running()
                .ToDictionary(pair => pair.Key, pair => new WorkflowStanding(pair.Value, []));
            foreach (var workflow in (await client.GetAsync("api/workflows", cancellationToken))["items"]!.AsArray())
            {
                var name = workflow!["name"]!.ToString();
                var view = await client.GetAsync($"api/workflows/{Uri.EscapeDataString(name)}", cancellationToken);
                definitions.Add(DefinitionCodec.Read(Encoding.UTF8.GetBytes(view["definition"]!.ToJsonString())));
                if (workflow["file"]?.ToString() is { } file)
                    files[name] = file;
                standing[name] = standing.GetValueOrDefault(name, WorkflowStanding.None) with { Paused = [.. PausedOf(view)] };
            }
            return new DefinitionsInForce(definitions.ToImmutable(), files, standing);
        }
        catch (MillraceClientException error) when (error.Status is null)
        {
            return null;
        }
    }

    private static IEnumerable<string> PausedOf(JsonNode view)
    {
        if (view["paused"] is not null)
            yield return "the workflow";
        foreach (var step in StepsOf(view, ""))
            yield return step;
        foreach (var step in view["tasks"]!.AsArray().SelectMany(task => StepsOf(task!, task!["name"] + ".")))
            yield return step;
    }

    private static IEnumerable<string> StepsOf(JsonNode holder, string prefix) =>
        holder["steps"]!.AsArray().Where(step => step!["paused"] is not null).Select(step => $"step {prefix}{step!["name"]}");
}
