using System.Text.Json.Nodes;

namespace Millrace.Chaos.Tests;

/// <summary>What was published about the end of a request: perhaps more than once, but never two different things.</summary>
internal sealed class Outcome(JsonNode view)
{
    public string Status { get; } = view["status"]!.ToString();

    public JsonNode? Result { get; } = view["result"];

    /// <summary>Set by a result that said something else than one before.</summary>
    public string? Contradiction { get; private set; }

    /// <summary>A worker answered in another's name, and the other's step took it for its own answer.</summary>
    public bool IsForged => Result?[NaughtyWorkers.ForgedMark] is not null
        || (Result?["parts"] as JsonArray)?.Any(part => part is JsonObject child && child.ContainsKey(NaughtyWorkers.ForgedMark)) == true;

    /// <summary>For the monitor.</summary>
    public bool HasVector => Status == "completed" && Result?["embedding"] is not null;

    public void Compare(Outcome later)
    {
        if (later.Status != Status || !JsonNode.DeepEquals(later.Result, Result))
            Contradiction = $"{later.Status} after {Status}: {later.Result?.ToJsonString()} after {Result?.ToJsonString()}";
    }
}
