using System.Net;
using System.Text.Json.Nodes;

namespace Millrace.EndToEnd.Tests.Foreign;

/// <summary>
/// The protocol of pedro-r-marques/workflow, spoken by workers in Python and JavaScript that are written to it and know nothing of
/// Millrace: what they receive, what they may answer, and sub-tasks in sub-tasks.
/// </summary>
public sealed class ForeignProtocolTests
{
    private const string Post = """{"text":"a bc\n\ndef","kept":7,"title":"none"}""";

    [Fact]
    public async Task Workers_of_its_two_languages_serve_its_own_YAML_with_tasks_in_tasks()
    {
        await using var place = await ForeignPlace.OpenAsync(Path.Combine(AppContext.BaseDirectory, "Workflows", "letter-counts.yaml"));
        await place.PythonAsync(NodePackages.Folder, "foreign/worker.py");
        await place.NodeAsync(NodePackages.Folder, "foreign/worker.js");

        var request = await place.RunAsync("letter-counts", Post);

        Assert.True(request["status"]!.ToString() == "completed", request.ToJsonString() + place.Logs);
        var result = request["result"]!;
        // Children answer in any order; their places are those of the list, and an empty list of words is gathered too.
        Assert.Equal(
            """[{"counts":[1,2],"total":3},{"counts":[],"total":0},{"counts":[3],"total":3}]""", result["parts"]!.ToJsonString());
        Assert.Equal(6, (int)result["total"]!);
        AssertWire(result["rest"]!["seen"]!, request["id"]!.ToString());
        await AssertChildrenAsync(place, request["id"]!.ToString());
    }

    /// <summary>What a first step's worker gets is what its own manager would send.</summary>
    private static void AssertWire(JsonNode seen, string id)
    {
        Assert.Equal(
            ("", "split-text", "application/json", 2, $"{id}:split-text", "workflow-manager"),
            (seen["exchange"]!.ToString(), seen["routingKey"]!.ToString(), seen["contentType"]!.ToString(), (int)seen["deliveryMode"]!,
                seen["correlationId"]!.ToString(), seen["replyTo"]!.ToString()));
        Assert.All(["appId", "messageId", "type", "expiration"], name => Assert.Null(seen[name]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Post), seen["input"]));
    }

    /// <summary>A child is a request with an id of its own, its parent's data and one item under the singular of the list's key.</summary>
    private static async Task AssertChildrenAsync(ForeignPlace place, string id)
    {
        var children = (await place.Manager.GetAsync("api/requests?parent=" + id))["items"]!.AsArray();
        Assert.Equal(3, children.Select(child => Guid.Parse(child!["id"]!.ToString())).Distinct().Count());
        foreach (var child in children)
        {
            var (status, shown) = await place.Manager.TryGetAsync("api/requests/" + child!["id"]);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal("completed", shown!["status"]!.ToString());
            Assert.Equal((7, false), ((int)shown["input"]!["kept"]!, shown["input"]!.AsObject().ContainsKey("parts")));
            Assert.Contains(shown["input"]!["part"]!.ToString(), (string[])["a bc", "", "def"]);
        }
    }
}
