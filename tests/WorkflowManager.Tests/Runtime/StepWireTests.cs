using System.Globalization;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>What a step's message carries.</summary>
public sealed class StepWireTests
{
    [Theory]
    [InlineData(0, 60, 90)]
    [InlineData(0, 90, 60)]
    [InlineData(8, 60, null)]
    [InlineData(8, null, 60)]
    public async Task A_message_names_its_workflow_and_its_deadline_is_the_earlier_timeout(int batch, int? step, int? request)
    {
        await using var place = await Workplace.OpenAsync();
        var chain = TestWorkflows.Chain("chain", "a");
        chain = chain with
        {
            Timeout = Seconds(request),
            Steps = [chain.Steps[0] with { Batch = batch, Timeout = Seconds(step) }],
        };
        await using var manager = await place.ManageAsync(chain);
        var got = new TaskCompletionSource<MessageProperties>();
        await using var worker = await place.Bus.ConsumeAsync(new ConsumerOptions { Queue = "a" }, (message, _) =>
        {
            got.TrySetResult(message.Properties);
            return Task.CompletedTask;
        }, manager.Token);
        var before = TimeProvider.System.GetUtcNow();

        await place.PublishAsync("chain", 1);

        var headers = (await got.Task.WaitAsync(manager.Token)).Headers;
        Assert.Equal(("chain", batch > 0 ? "1" : null), (headers[Wire.WorkflowHeader], headers.GetValueOrDefault(Wire.BatchHeader)));
        var deadline = DateTimeOffset.Parse(headers[Wire.DeadlineHeader], CultureInfo.InvariantCulture);
        Assert.InRange(deadline - before, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(89));
    }

    private static TimeSpan? Seconds(int? count) => count is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
