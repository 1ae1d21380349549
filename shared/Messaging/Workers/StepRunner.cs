using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;

namespace Millrace.Messaging.Workers;

/// <summary>Runs the handler over what arrived together and gives every item its reply.</summary>
/// <param name="maxOutputBytes">Of one item; a larger one fails it for good.</param>
internal sealed partial class StepRunner<TIn, TOut>(
    string queue, IStepHandler<TIn, TOut> handler, CancelledSet cancelled, StepWorkerOptions options, int maxOutputBytes, TimeProvider time,
    ILogger logger)
{
    private static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    /// <exception cref="OperationCanceledException">The worker must end; nothing was replied.</exception>
    public async Task RunAsync(IReadOnlyList<StepCall> calls, CancellationToken aborting)
    {
        var inputs = new List<StepInput<TIn>>();
        foreach (var call in calls)
            Collect(call, inputs);
        foreach (var part in inputs.Chunk(options.MaxBatchItems))
            await HandleAsync(part, aborting);
        foreach (var call in calls)
            WorkerTelemetry.Count(queue, call.Replies);
    }

    private void Collect(StepCall call, List<StepInput<TIn>> inputs)
    {
        var isLate = call.Message.Deadline <= time.GetUtcNow();
        for (var index = 0; index < call.Message.Items.Count; index++)
        {
            var item = call.Message.Items[index];
            if (cancelled.Contains(item.CorrelationId, item.Attempt))
                call.Replies[index] = StepReply.Fail(StepReply.Cancelled, "the request was cancelled before a worker took the message", transient: true);
            else if (isLate)
                call.Replies[index] = StepReply.Fail(StepReply.Expired, "the deadline had passed when a worker took the message", transient: true);
            else if (Read(item, out var value) is { } problem)
                call.Replies[index] = StepReply.Fail(StepReply.InvalidInput, problem);
            else
                inputs.Add(new StepInput<TIn>(call, index, value!));
        }
    }

    private static string? Read(StepItem item, out TIn? value)
    {
        value = default;
        // A reader that keeps the bytes finds out only when a handler asks for the text.
        if (!Utf8.IsValid(item.Input.Span))
            return "the input is not UTF-8";
        try
        {
            value = JsonSerializer.Deserialize<TIn>(item.Input.Span, MillraceJson.Options);
            return value is null ? "the input is null, not an object" : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException or FormatException)
        {
            return $"the input cannot be read: {exception.Message}";
        }
    }

    private async Task HandleAsync(StepInput<TIn>[] inputs, CancellationToken aborting)
    {
        using var scope = logger.BeginScope(Scope(inputs));
        await using var limit = CallLimit.Start(
            [.. inputs.Select(input => input.Item)], [.. inputs.Select(input => input.Deadline)], cancelled, time, aborting);
        var started = time.GetTimestamp();
        WorkerTelemetry.Entered(queue, inputs.Length);
        try
        {
            var results = await handler.HandleAsync([.. inputs.Select(input => input.Value)], limit.Token);
            Assign(inputs, results);
            LogHandled(logger, queue, inputs.Length, time.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (OperationCanceledException) when (aborting.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (limit.Ending is not null)
        {
            FailAll(inputs, limit.Ending.Value);
        }
        catch (Exception exception)
        {
            // A handler's exception is a transient failure of what it was given, whatever it is; the workflow's retry rule decides.
            LogFailed(logger, queue, inputs.Length, exception);
            FailAll(inputs, StepReply.Fail(exception.GetType().Name, exception.Message, transient: true));
        }
        finally
        {
            WorkerTelemetry.Left(queue, inputs.Length, time.GetElapsedTime(started));
        }
    }

    private void Assign(StepInput<TIn>[] inputs, IReadOnlyList<StepResult<TOut>> results)
    {
        if (results.Count != inputs.Length)
        {
            LogResultCount(logger, queue, results.Count, inputs.Length);
            FailAll(inputs, StepReply.Fail(StepReply.ResultCount, $"the handler gave {results.Count} results for {inputs.Length} inputs"));
            return;
        }
        for (var index = 0; index < inputs.Length; index++)
            inputs[index].Reply(ToReply(results[index]));
    }

    private StepReply ToReply(StepResult<TOut> result) => result switch
    {
        StepResult<TOut>.Completed completed => WriteOutput(completed.Output),
        StepResult<TOut>.Failed failed => StepReply.Fail(failed.Error.Type, failed.Error.Message, failed.Error.Transient),
        StepResult<TOut>.Throttled throttled => StepReply.Wait(throttled.RetryAfter, throttled.Reason),
        _ => StepReply.Fail(StepReply.InvalidOutput, "the handler gave no result"),
    };

    private StepReply WriteOutput(TOut output)
    {
        try
        {
            var written = output is null ? EmptyObject : JsonSerializer.SerializeToUtf8Bytes(output, MillraceJson.Options);
            return written.Length <= maxOutputBytes ? new StepReply(written)
                : StepReply.Fail(StepReply.OutputTooLarge, $"the output has {written.Length} bytes; a reply takes at most {maxOutputBytes}");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException)
        {
            return StepReply.Fail(StepReply.InvalidOutput, $"the output cannot be written: {exception.Message}");
        }
    }

    private static void FailAll(StepInput<TIn>[] inputs, StepReply reply)
    {
        foreach (var input in inputs)
            input.Reply(reply);
    }

    private Dictionary<string, object> Scope(StepInput<TIn>[] inputs)
    {
        var scope = new Dictionary<string, object> { ["Queue"] = queue };
        if (StepAddress.TryParse(inputs[0].Item.CorrelationId, out var address))
            scope["Step"] = address.Step;
        if (WorkflowOf(inputs) is { } workflow)
            scope["Workflow"] = workflow;
        if (inputs.Length > 1)
            scope["RequestIds"] = inputs.Select(input => input.Request).ToArray();
        else
            (scope["RequestId"], scope["Attempt"]) = (inputs[0].Request, inputs[0].Item.Attempt ?? 1);
        return scope;
    }

    /// <summary>Null if the inputs of this call belong to several workflows.</summary>
    private static string? WorkflowOf(StepInput<TIn>[] inputs)
    {
        var workflow = inputs[0].Call.Message.Workflow;
        return inputs.All(input => input.Call.Message.Workflow == workflow) ? workflow : null;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The handler of {Queue} answered {Items} items in {Milliseconds:0.0} ms")]
    private static partial void LogHandled(ILogger logger, string queue, int items, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The handler of {Queue} failed with {Items} items")]
    private static partial void LogFailed(ILogger logger, string queue, int items, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The handler of {Queue} gave {Results} results for {Inputs} inputs")]
    private static partial void LogResultCount(ILogger logger, string queue, int results, int inputs);
}
