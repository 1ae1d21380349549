using System.Collections.Immutable;
using System.Text;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.Cli.Client;

/// <summary>What new requests get now, and how many of each workflow run, as a manager says.</summary>
internal sealed record DefinitionsInForce(ImmutableArray<WorkflowDefinition> Definitions, IReadOnlyDictionary<string, long> Running)
{
    /// <returns>Null if no manager answers.</returns>
    /// <exception cref="MillraceClientException">A manager answers, but not with these: a key is missing, say.</exception>
    public static async Task<DefinitionsInForce?> FindAsync(MillraceClient client, CancellationToken cancellationToken)
    {
        try
        {
            var definitions = ImmutableArray.CreateBuilder<WorkflowDefinition>();
            foreach (var workflow in (await client.GetAsync("api/workflows", cancellationToken))["items"]!.AsArray())
            {
                var view = await client.GetAsync($"api/workflows/{Uri.EscapeDataString(workflow!["name"]!.ToString())}", cancellationToken);
                definitions.Add(DefinitionCodec.Read(Encoding.UTF8.GetBytes(view["definition"]!.ToJsonString())));
            }
            return new DefinitionsInForce(definitions.ToImmutable(), (await RequestCounts.ReadAsync(client, cancellationToken)).Running());
        }
        catch (MillraceClientException error) when (error.Status is null)
        {
            return null;
        }
    }
}
