using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Tests.Runtime;

namespace Millrace.WorkflowManager.Tests.Api;

/// <summary>What the page asks for beside the requests and workflows themselves.</summary>
public sealed class PageApiTests
{
    [Fact]
    public async Task A_steps_input_is_what_its_dependencies_gave_once_they_have_given_it()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a", "b"));
        var id = await host.AcceptAsync("chain", """{"uri":"x"}""");
        var path = $"/api/requests/{id}/steps";
        Assert.Equal("""{"uri":"x"}""", await host.Http.GetStringAsync($"{path}/a/input"));
        var (early, problem) = await host.GetAsync($"{path}/b/input");
        Assert.Equal((HttpStatusCode.Conflict, "urn:millrace:no-input"), (early.StatusCode, (string)problem!["type"]!));
        await using var a = await PlainWorker.StartAsync(host.Bus, "a", _ => new JsonObject { ["from"] = "a" });
        await using var b = await PlainWorker.StartAsync(host.Bus, "b", input => input);

        Assert.Equal("completed", (string)(await host.GetAsync($"/api/requests/{id}?wait=30s")).Body!["status"]!);

        Assert.Equal("""{"from":"a"}""", await host.Http.GetStringAsync($"{path}/b/input"));
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync($"{path}/c/input")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync($"/api/requests/{Guid.Empty}/steps/a/input")).Response.StatusCode);
    }

    [Fact]
    public async Task A_request_tells_the_senders_trace_or_the_one_that_its_id_names()
    {
        const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        host.Http.DefaultRequestHeaders.Add(Wire.TraceParentHeader, $"00-{TraceId}-00f067aa0ba902b7-01");
        var given = await host.AcceptAsync("chain", """{"uri":"x"}""");
        host.Http.DefaultRequestHeaders.Clear();
        var derived = await host.AcceptAsync("chain", """{"uri":"y"}""");

        Assert.Equal(TraceId, (string)(await host.GetAsync($"/api/requests/{given}")).Body!["traceId"]!);
        Assert.Equal(derived.Replace("-", "", StringComparison.Ordinal), (string)(await host.GetAsync($"/api/requests/{derived}")).Body!["traceId"]!);
    }

    [Fact]
    public async Task Every_queue_shows_what_waits_in_it_and_what_it_is_for()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a", "b"), TestWorkflows.Chain("other", "a"));
        await host.AcceptAsync("chain", """{"uri":"x"}""");
        await host.Bus.SendAsync([new OutgoingMessage("", "b", Encoding.UTF8.GetBytes("{}"), MessageProperties.Empty)], CancellationToken.None);

        var items = (await host.GetAsync("/api/queues")).Body!["items"]!.AsArray().ToDictionary(item => (string)item!["queue"]!);

        Assert.Equal(["chain/a", "other/a"], items["a"]!["uses"]!.AsArray().Select(use => (string)use!));
        Assert.Equal((1, 0), ((int)items["b"]!["messages"]!, (int)items["b"]!["consumers"]!));
        Assert.Equal(1, (int)items[Wire.IngestQueue]!["consumers"]!);
        Assert.Contains(Wire.DeadLetterQueue, items.Keys);
    }

    [Theory]
    [InlineData("https://seq.example.org/", "https://seq.example.org")]
    [InlineData(null, null)]
    public async Task The_page_is_told_where_a_browser_reaches_Seq(string? setting, string? told)
    {
        await using var host = await ApiHost.StartAsync(new WorkflowManagerOptions { SeqPageUrl = setting });

        Assert.Equal(told, (string?)(await host.GetAsync("/api/page")).Body!["seqUrl"]);
    }
}
