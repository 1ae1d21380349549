using System.Text.Json;
using Millrace.Messaging.Workers;

namespace Millrace.Messaging.Tests.Workers;

/// <summary>Which messages share a call, and which are handled in parts.</summary>
public sealed class StepWorkerGatherTests : StepWorkerTest
{
    [Fact]
    public async Task Single_messages_that_wait_together_are_one_call()
    {
        var (sizes, release) = await HoldFirstAsync(options => options.MaxBatchItems = 8);
        for (var number = 1; number <= 12; number++)
            await SendAsync($$"""{"text":"{{number}}"}""", $"{number}:echo");
        await EventuallyAsync(async () => (await Bus.InspectAsync(Step, Token))!.Messages == 0);
        release.SetResult();
        for (var number = 0; number <= 12; number++)
            Assert.Equal($"{number}:echo", (await ReplyInbox.NextAsync()).Properties.CorrelationId);
        Assert.Equal([1, 8, 4], sizes);
    }

    [Fact]
    public async Task Messages_that_are_not_gathered_never_share_a_call_and_a_batch_is_still_handled_in_parts()
    {
        var (sizes, release) = await HoldFirstAsync(options => (options.GathersMessages, options.MaxBatchItems, options.Prefetch) = (false, 3, 5));
        for (var number = 1; number <= 3; number++)
            await SendAsync($$"""{"text":"{{number}}"}""", $"{number}:echo");
        var items = Enumerable.Range(0, 5).Select(number => $$$"""{"correlationId":"{{{number}}}:echo","attempt":1,"input":{"text":"b"}}""");
        await SendAsync($"[{string.Join(',', items)}]", null, batch: "5");
        await EventuallyAsync(async () => (await Bus.InspectAsync(Step, Token))!.Messages == 0);
        release.SetResult();
        for (var number = 0; number <= 3; number++)
            Assert.Equal($"{number}:echo", (await ReplyInbox.NextAsync()).Properties.CorrelationId);
        Assert.Equal(5, JsonDocument.Parse((await ReplyInbox.NextAsync()).Body).RootElement.GetArrayLength());
        Assert.Equal([1, 1, 1, 1, 3, 2], sizes);
    }

    [Fact]
    public async Task A_batch_over_the_limit_is_handled_in_parts()
    {
        var sizes = new List<int>();
        await StartAsync(inputs =>
        {
            sizes.Add(inputs.Count);
            return [.. inputs.Select(input => Ok(input.Text))];
        }, options => options.MaxBatchItems = 4);
        var items = Enumerable.Range(0, 10).Select(number => $$$"""{"correlationId":"{{{number}}}:echo","attempt":1,"input":{"text":"{{{number}}}"}}""");
        await SendAsync($"[{string.Join(',', items)}]", null, batch: "10");
        Assert.Equal(10, JsonDocument.Parse((await ReplyInbox.NextAsync()).Body).RootElement.GetArrayLength());
        Assert.Equal([4, 4, 2], sizes);
    }

    /// <summary>A worker that is busy with one message until it is released.</summary>
    /// <returns>Sizes of its calls, and what releases it.</returns>
    private async Task<(List<int> Sizes, TaskCompletionSource Release)> HoldFirstAsync(Action<StepWorkerOptions> configure)
    {
        var (first, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var sizes = new List<int>();
        await StartAsync(async (inputs, _) =>
        {
            sizes.Add(inputs.Count);
            first.TrySetResult();
            await release.Task;
            return [.. inputs.Select(input => Ok(input.Text))];
        }, configure);
        await SendAsync("""{"text":"0"}""", "0:echo");
        await first.Task;
        return (sizes, release);
    }
}
