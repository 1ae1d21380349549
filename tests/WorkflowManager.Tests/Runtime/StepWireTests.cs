using System.Globalization;
using System.Text.Json.Nodes;
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
        var before = TimeProvider.System.GetUtcNow();

        await place.PublishAsync("chain", 1);

        var headers = await TakeAsync(place, "a", manager.Token);
        Assert.Equal(("chain", batch > 0 ? "1" : null), (headers[Wire.WorkflowHeader], headers.GetValueOrDefault(Wire.BatchHeader)));
        Assert.InRange(Deadline(headers) - before, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(89));
    }

    [Theory]
    [InlineData(60, null, null)]
    [InlineData(90, 60, null)]
    [InlineData(60, 90, 120)]
    [InlineData(null, 90, 60)]
    public async Task An_item_of_a_task_has_the_deadline_of_its_parent_unless_its_step_has_an_earlier_one(int? request, int? taskStep, int? step)
    {
        await using var place = await Workplace.OpenAsync();
        var fan = TestWorkflows.FanOut("fan", "items", "work");
        fan = fan with
        {
            Timeout = Seconds(request),
            Steps = [fan.Steps[0] with { Timeout = Seconds(taskStep) }],
            Tasks = [fan.Tasks[0] with { Steps = [fan.Tasks[0].Steps[0] with { Timeout = Seconds(step) }] }],
        };
        await using var manager = await place.ManageAsync(fan);
        var before = TimeProvider.System.GetUtcNow();

        await place.Bus.PublishAsync("fan", new JsonObject { ["items"] = new JsonArray(1) });

        Assert.InRange(Deadline(await TakeAsync(place, "work", manager.Token)) - before, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(89));
    }

    private static async Task<IReadOnlyDictionary<string, string>> TakeAsync(Workplace place, string queue, CancellationToken cancellationToken)
    {
        var got = new TaskCompletionSource<MessageProperties>();
        await using var worker = await place.Bus.ConsumeAsync(new ConsumerOptions { Queue = queue }, (message, _) =>
        {
            got.TrySetResult(message.Properties);
            return Task.CompletedTask;
        }, cancellationToken);
        return (await got.Task.WaitAsync(cancellationToken)).Headers;
    }

    private static DateTimeOffset Deadline(IReadOnlyDictionary<string, string> headers) =>
        DateTimeOffset.Parse(headers[Wire.DeadlineHeader], CultureInfo.InvariantCulture);

    private static TimeSpan? Seconds(int? count) => count is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
