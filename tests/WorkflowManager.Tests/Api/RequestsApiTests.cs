using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Millrace.WorkflowManager.Tests.Runtime;

namespace Millrace.WorkflowManager.Tests.Api;

public sealed class RequestsApiTests
{
    [Fact]
    public async Task An_accepted_post_can_be_waited_for_and_carries_all_that_is_promised()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        await using var worker = await PlainWorker.StartAsync(host.Bus, "a", input => new JsonObject { ["score"] = 1 });
        var id = await host.AcceptAsync("chain", """{"uri":"x","text":"hello"}""");

        var (response, view) = await host.GetAsync($"/api/requests/{id}?wait=30s");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("completed", "chain", "x"), ((string)view!["status"]!, (string)view["workflow"]!, (string)view["key"]!));
        Assert.Equal(1, (int)view["result"]!["score"]!);
        Assert.Equal("hello", (string)view["input"]!["text"]!);
        Assert.Equal(("a", "completed", 1, "a"), ((string)view["steps"]![0]!["name"]!, (string)view["steps"]![0]!["status"]!,
            (int)view["steps"]![0]!["attempt"]!, (string)view["steps"]![0]!["queue"]!));
        foreach (var member in new[] { "version", "createdAt", "updatedAt" })
            Assert.NotNull(view[member]);
    }

    [Fact]
    public async Task An_array_gives_an_id_for_each_post_in_order_and_the_same_posts_again_give_the_same_ids()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var (_, first) = await host.PostAsync("/api/workflows/chain/requests", """[{"uri":"x"},{"uri":"y"},{"uri":"x"}]""");
        var (_, second) = await host.PostAsync("/api/workflows/chain/requests", """[{"uri":"x"},{"uri":"y"}]""");
        Assert.Equal((string)first!["ids"]![0]!, (string)first["ids"]![2]!);
        Assert.Equal((string)first["ids"]![0]!, (string)second!["ids"]![0]!);
        var (_, page) = await host.GetAsync("/api/requests?workflow=chain");
        Assert.Equal(2, page!["items"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("chain", "{", HttpStatusCode.BadRequest, "urn:millrace:bad-json")]
    [InlineData("chain", "7", HttpStatusCode.BadRequest, "urn:millrace:bad-shape")]
    [InlineData("chain", "[1]", HttpStatusCode.BadRequest, "urn:millrace:bad-shape")]
    [InlineData("chain", """{"uri":[]}""", HttpStatusCode.BadRequest, "urn:millrace:bad-key")]
    [InlineData("chain", """{"uri":"\ud800"}""", HttpStatusCode.BadRequest, "urn:millrace:bad-key")]
    [InlineData("nothing", "{}", HttpStatusCode.NotFound, "urn:millrace:workflow-not-found")]
    public async Task Bad_posts_are_refused_with_problem_details(string workflow, string body, HttpStatusCode status, string type)
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var (response, problem) = await host.PostAsync($"/api/workflows/{workflow}/requests", body);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(type, (string)problem!["type"]!);
    }

    [Fact]
    public async Task A_text_of_two_mebibytes_is_refused_as_too_large()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var (response, problem) = await host.PostAsync(
            "/api/workflows/chain/requests", $$"""{"uri":"x","text":"{{new string('a', 2 * 1024 * 1024)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("urn:millrace:too-large", (string)problem!["type"]!);
    }

    [Fact]
    public async Task An_entity_tag_saves_the_answer_and_with_a_wait_announces_the_next_change()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var id = await host.AcceptAsync("chain", """{"uri":"x"}""");
        var (first, view) = await host.GetAsync($"/api/requests/{id}");
        Assert.Equal("no_consumer", (string)view!["why"]!["code"]!);
        host.Http.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await host.Http.GetAsync($"/api/requests/{id}")).StatusCode);
        var waiting = host.GetAsync($"/api/requests/{id}?wait=30s");
        await using var worker = await PlainWorker.StartAsync(host.Bus, "a", input => input);
        var (_, changed) = await waiting;
        Assert.Equal("completed", (string)changed!["status"]!);
    }

    [Fact]
    public async Task A_priority_goes_with_the_work_and_a_wrong_one_is_refused()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var seen = new TaskCompletionSource<int>();
        await using var worker = await host.Bus.ConsumeAsync(new Millrace.Messaging.ConsumerOptions { Queue = "a" }, (message, _) =>
        {
            seen.TrySetResult(message.Properties.Priority);
            return Task.CompletedTask;
        }, default);

        await host.PostAsync("/api/workflows/chain/requests?priority=7", """{"uri":"x"}""");
        var (refused, problem) = await host.PostAsync("/api/workflows/chain/requests?priority=10", """{"uri":"y"}""");

        Assert.Equal(7, await seen.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal((HttpStatusCode.BadRequest, "urn:millrace:bad-priority"), (refused.StatusCode, (string)problem!["type"]!));
    }

    [Fact]
    public async Task Running_requests_are_found_by_the_step_that_they_stand_at_and_cancelled_by_it()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a", "b"));
        await using var worker = await PlainWorker.StartAsync(host.Bus, "a", item => (string)item.Input["uri"]! == "1" ? item.Done(item.Input) : item.Throttle(3_600));
        var passed = await host.AcceptAsync("chain", """{"uri":"1"}""");
        var stays = await host.AcceptAsync("chain", """{"uri":"2"}""");
        for (var look = 0; look < 100 && (string?)(await host.GetAsync($"/api/requests/{passed}")).Body!["steps"]![1]!["status"] != "dispatched"; look++)
            await host.GetAsync($"/api/requests/{passed}?wait=200ms");

        Assert.Equal([stays], await IdsAsync(host, "status=running&step=a"));
        Assert.Equal([passed], await IdsAsync(host, "status=running&step=b&workflow=chain"));
        Assert.Empty(await IdsAsync(host, "status=running&step=zz"));
        var (_, cancelled) = await host.PostAsync("/api/requests/cancel?step=b");

        Assert.Equal(1, (int)cancelled!["changed"]!);
        Assert.Equal("cancelled", (string)(await host.GetAsync($"/api/requests/{passed}")).Body!["status"]!);
        Assert.Equal("running", (string)(await host.GetAsync($"/api/requests/{stays}")).Body!["status"]!);
    }

    [Fact]
    public async Task Another_reason_is_another_tag_although_the_request_has_not_changed()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var id = await host.AcceptAsync("chain", """{"uri":"x"}""");
        var tag = (await host.GetAsync($"/api/requests/{id}")).Response.Headers.ETag!;
        await using var worker = await host.Bus.ConsumeAsync(new Millrace.Messaging.ConsumerOptions { Queue = "a" }, (_, token) => Task.Delay(Timeout.Infinite, token), default);

        for (var look = 0; look < 100; look++)
        {
            using var asked = new HttpRequestMessage(HttpMethod.Get, $"/api/requests/{id}?wait=200ms");
            asked.Headers.IfNoneMatch.Add(tag);
            using var answer = await host.Http.SendAsync(asked);
            if (answer.StatusCode == HttpStatusCode.OK)
                return;
        }
        Assert.Fail("A worker listens now, and the old reason still counts as known.");
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("\"other\", {0}")]
    [InlineData("*")]
    public async Task A_tag_is_known_weak_in_a_list_or_whatever_it_is(string header)
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var id = await host.AcceptAsync("chain", """{"uri":"x"}""");
        await using var worker = await PlainWorker.StartAsync(host.Bus, "a", input => input);
        var (first, _) = await host.GetAsync($"/api/requests/{id}?wait=30s");
        using var asked = new HttpRequestMessage(HttpMethod.Get, $"/api/requests/{id}");
        Assert.True(asked.Headers.TryAddWithoutValidation("If-None-Match", string.Format(CultureInfo.InvariantCulture, header, first.Headers.ETag)));

        using var answer = await host.Http.SendAsync(asked);

        Assert.Equal(HttpStatusCode.NotModified, answer.StatusCode);
    }

    [Theory]
    [InlineData("/api/requests?worklfow=chain", "urn:millrace:bad-filter")]
    [InlineData("/api/requests?status=completed&error=timeout", "urn:millrace:bad-filter")]
    [InlineData("/api/requests?status=completed&step=a", "urn:millrace:bad-filter")]
    [InlineData("/api/requests?status=sleeping", "urn:millrace:bad-filter")]
    [InlineData("/api/requests?limit=0", "urn:millrace:bad-limit")]
    [InlineData("/api/requests?after=nonsense", "urn:millrace:bad-cursor")]
    [InlineData("/api/requests/00000000-0000-0000-0000-000000000001?wait=soon", "urn:millrace:bad-wait")]
    [InlineData("/api/requests/00000000-0000-0000-0000-000000000001", "urn:millrace:request-not-found")]
    public async Task Bad_questions_get_problem_details(string path, string type)
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var (response, problem) = await host.GetAsync(path);
        Assert.False(response.IsSuccessStatusCode);
        Assert.Equal(type, (string)problem!["type"]!);
    }

    [Fact]
    public async Task Pages_follow_each_other_and_hold_each_request_once()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        await host.PostAsync("/api/workflows/chain/requests", "[" + string.Join(',', Enumerable.Range(0, 25).Select(n => $$"""{"uri":"{{n}}"}""")) + "]");
        var (keys, after) = (new List<string>(), (string?)"");
        while (after is not null)
        {
            var (_, page) = await host.GetAsync("/api/requests?limit=10" + (after.Length == 0 ? "" : "&after=" + Uri.EscapeDataString(after)));
            keys.AddRange(page!["items"]!.AsArray().Select(item => (string)item!["key"]!));
            after = (string?)page["next"];
        }
        Assert.Equal(25, keys.Distinct().Count());
        Assert.Equal(25, keys.Count);
    }

    private static async Task<string[]> IdsAsync(ApiHost host, string query) =>
        [.. (await host.GetAsync("/api/requests?" + query)).Body!["items"]!.AsArray().Select(item => (string)item!["id"]!)];
}
