using Millrace.Contracts;

namespace Millrace.Messaging.Tests.Workers;

/// <summary>Deadlines, stops and replies that nobody takes.</summary>
public sealed class StepWorkerEndTests : StepWorkerTest
{
    [Fact]
    public async Task A_message_whose_deadline_has_passed_is_not_handled()
    {
        var handled = false;
        await StartAsync(_ =>
        {
            handled = true;
            return [];
        });
        await SendAsync("""{"text":"x"}""", "r:echo", deadline: TimeProvider.System.GetUtcNow().AddSeconds(-1));
        Assert.Contains("expired", (await ReplyInbox.NextAsync()).Properties.Headers[Wire.ErrorHeader], StringComparison.Ordinal);
        Assert.False(handled);
    }

    [Fact]
    public async Task A_handler_is_cancelled_at_the_deadline()
    {
        await StartAsync(async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return [];
        });
        await SendAsync("""{"text":"x"}""", "r:echo", deadline: TimeProvider.System.GetUtcNow().AddSeconds(1.5));
        Assert.Contains("while the handler ran", (await ReplyInbox.NextAsync()).Properties.Headers[Wire.ErrorHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_that_nobody_takes_is_kept_as_a_dead_letter()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        await SendAsync("""{"text":"x"}""", "r:echo", replyTo: "gone");
        var letter = await Letters.NextAsync();
        Assert.Equal("""{"text":"x"}""", Text(letter));
        Assert.Contains("gone", letter.Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_finishes_and_replies_to_what_was_taken()
    {
        var (started, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var host = await StartAsync(async (inputs, _) =>
        {
            started.TrySetResult();
            await release.Task;
            return [.. inputs.Select(input => Ok(input.Text))];
        });
        await SendAsync("""{"text":"last"}""", "r:echo");
        await started.Task;
        var stopping = host.StopAsync(Token);
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        await stopping;
        Assert.Equal("""{"text":"last"}""", Text(await ReplyInbox.NextAsync()));
        Assert.Equal(0, (await Bus.InspectAsync(Step, Token))!.Messages);
    }

    [Fact]
    public async Task A_handler_that_does_not_end_gives_its_messages_back()
    {
        var started = new TaskCompletionSource();
        var host = await StartAsync(async (_, cancellation) =>
        {
            started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return [];
        }, options => options.DrainLimitSeconds = 0.1);
        await SendAsync("""{"text":"again"}""", "r:echo");
        await started.Task;
        await host.StopAsync(Token);
        await EventuallyAsync(async () => (await Bus.InspectAsync(Step, Token))!.Messages == 1);
    }
}
