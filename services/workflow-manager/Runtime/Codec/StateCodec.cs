using System.Collections.Immutable;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Runtime.Codec;

/// <summary>
/// The engine's state as bytes, about 20 a step: without payload and outputs, which have rows of their own, and without what
/// the record holds anyway.
/// </summary>
/// <remarks>
/// The first byte is the oldest format whose readers may have the state: a build refuses what is newer than it knows, rather than to misread
/// it or to lose, when it writes, what it doesn't know. So whoever adds to the layout adds a format, which only states that hold what is
/// new are given, and a file of bytes to the tests beside <c>StateLayoutTests</c>. What may be lost goes behind everything else.
/// </remarks>
internal static class StateCodec
{
    /// <summary>Input, steps and children.</summary>
    private const byte Plain = 1;

    /// <summary>Places in the line of a rate limit, held times, and workers' reasons to wait. Format 1 may hold them too, as it was once written.</summary>
    private const byte Held = 2;

    private const byte Newest = Held;
    private const int KnownParts = 15;

    private static readonly Dictionary<string, ReadOnlyMemory<byte>> NoOutputs = [];

    public static ReadOnlyMemory<byte> Write(RequestState state, string? traceParent)
    {
        var writer = PackedWriter.Begin();
        writer.Byte(FormatOf(state));
        writer.Number(state.Scope);
        writer.Number(state.Priority ?? -1);
        writer.Moment(state.TimeoutAt, state.CreatedAt);
        writer.Number(state.FailedStep);
        writer.Number(state.Notes);
        writer.Text(state.CancelledBy);
        writer.Text(traceParent);
        WriteFailure(writer, state.Failure);
        WriteParent(writer, state.Parent);
        writer.Number(state.Steps.Length);
        foreach (var step in state.Steps)
            WriteStep(writer, step, state.CreatedAt);
        WriteRest(writer, state);
        return writer.End();
    }

    /// <summary>Whose steps the request runs; needed to name them before the rest is read.</summary>
    public static int ReadScope(ReadOnlySpan<byte> bytes)
    {
        var reader = Open(bytes);
        return reader.Int();
    }

    /// <summary>Why the request failed, read without the rest.</summary>
    public static StepFailure? ReadFailure(ReadOnlySpan<byte> bytes)
    {
        var reader = Open(bytes);
        reader.Int();
        reader.Int();
        reader.Moment(DateTimeOffset.UnixEpoch);
        reader.Int();
        reader.Int();
        reader.Text();
        reader.Text();
        return ReadFailure(ref reader);
    }

    /// <param name="outputs">Bodies by name: the payload and what steps put out.</param>
    /// <param name="names">The steps' names in the order of the state; null leaves what steps put out empty, and needs no outputs.</param>
    public static (RequestState State, string? TraceParent) Read(
        RequestRecord record, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> outputs, IReadOnlyList<string>? names)
    {
        var reader = Open(record.State.Span);
        var scope = reader.Int();
        var priority = reader.Int();
        var timeoutAt = reader.Moment(record.CreatedAt);
        var failedStep = reader.Int();
        var notes = reader.Int();
        var cancelledBy = reader.Text();
        var traceParent = reader.Text();
        var failure = ReadFailure(ref reader);
        var parent = ReadParent(ref reader);
        var steps = ImmutableArray.CreateBuilder<StepState>(reader.Int());
        for (var index = 0; index < steps.Capacity; index++)
            steps.Add(ReadStep(ref reader, record.CreatedAt, names?[index], outputs));
        var (heldSince, deadline) = ReadRest(ref reader, record.CreatedAt, steps);
        return (new RequestState
        {
            Id = record.Id,
            Status = RequestStatuses.Parse(record.Status),
            Scope = scope,
            Parent = parent,
            Priority = priority < 0 ? null : priority,
            Input = outputs.GetValueOrDefault(OutputRecord.Input),
            CreatedAt = record.CreatedAt,
            UpdatedAt = record.UpdatedAt,
            FinishedAt = record.FinishedAt,
            TimeoutAt = timeoutAt,
            HeldSince = heldSince,
            Deadline = deadline,
            DueAt = record.DueAt,
            Failure = failure,
            FailedStep = failedStep,
            CancelledBy = cancelledBy,
            Notes = notes,
            Steps = steps.MoveToImmutable(),
        }, traceParent);
    }

    /// <summary>The steps as a list shows them, without bodies.</summary>
    public static ImmutableArray<StepState> ReadSteps(RequestRecord record) => ReadState(record).Steps;

    /// <summary>The state without bodies.</summary>
    public static RequestState ReadState(RequestRecord record) => Read(record, NoOutputs, names: null).State;

    private static byte FormatOf(RequestState state) => HasRest(state) || state.Steps.Any(IsPaced) ? Held : Plain;

    /// <exception cref="InvalidDataException">A newer build wrote it.</exception>
    private static PackedReader Open(ReadOnlySpan<byte> bytes)
    {
        var reader = new PackedReader(bytes);
        return reader.Byte() is var format and (< Plain or > Newest)
            ? throw new InvalidDataException($"The state has format {format}, and this build reads {Plain} to {Newest}.")
            : reader;
    }

    private static bool HasRest(RequestState state) =>
        state is not { HeldSince: null, Deadline: null } || state.Steps.Any(step => step.ThrottleReason is not null);

    private static bool IsPaced(StepState step) => step is not { Slots: 0, Round: 0, MissedSlot: null };

    private static void WriteRest(PackedWriter writer, RequestState state)
    {
        if (!HasRest(state))
            return;
        writer.Moment(state.HeldSince, state.CreatedAt);
        writer.Moment(state.Deadline, state.CreatedAt);
        foreach (var step in state.Steps)
            writer.Text(step.ThrottleReason);
    }

    private static (DateTimeOffset? HeldSince, DateTimeOffset? Deadline) ReadRest(
        ref PackedReader reader, DateTimeOffset origin, ImmutableArray<StepState>.Builder steps)
    {
        if (reader.IsAtEnd)
            return (null, null);
        var rest = (reader.Moment(origin), reader.Moment(origin));
        // Some builds wrote the two moments alone.
        for (var index = 0; index < steps.Count && !reader.IsAtEnd; index++)
            steps[index] = steps[index] with { ThrottleReason = reader.Text() };
        return rest;
    }

    private static void WriteStep(PackedWriter writer, StepState step, DateTimeOffset origin)
    {
        writer.Byte((byte)step.Status);
        writer.Byte((byte)step.Hold);
        var isPaced = IsPaced(step);
        writer.Byte((byte)((step.Output is null ? 0 : 1) | (step.Task is null ? 0 : 2) | (step.IsAnew ? 4 : 0) | (isPaced ? 8 : 0)));
        writer.Number(step.Attempt);
        writer.Number(step.FirstAttempt);
        writer.Number(step.Failures);
        writer.Number(step.Throttles);
        writer.Number(step.LateAttempt);
        writer.Moment(step.StartedAt, origin);
        writer.Moment(step.DispatchedAt, origin);
        writer.Moment(step.FinishedAt, origin);
        writer.Moment(step.DueAt, origin);
        WriteFailure(writer, step.Failure);
        if (step.Task is { } task)
            WriteTask(writer, task);
        if (!isPaced)
            return;
        writer.Number(step.Slots);
        writer.Number(step.Round);
        writer.Moment(step.MissedSlot, origin);
    }

    private static StepState ReadStep(
        ref PackedReader reader, DateTimeOffset origin, string? name, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> outputs)
    {
        var status = (StepStatus)reader.Byte();
        var hold = (StepHold)reader.Byte();
        var parts = reader.Byte();
        if (status > StepStatus.Cancelled || hold > StepHold.Paused || (parts & ~KnownParts) != 0)
            throw new InvalidDataException($"A step of the state stands as this build doesn't know it ({status}, {hold}, {parts}).");
        var step = new StepState
        {
            Status = status,
            Hold = hold,
            Attempt = reader.Int(),
            FirstAttempt = reader.Int(),
            Failures = reader.Int(),
            Throttles = reader.Int(),
            LateAttempt = reader.Int(),
            IsAnew = (parts & 4) != 0,
            StartedAt = reader.Moment(origin),
            DispatchedAt = reader.Moment(origin),
            FinishedAt = reader.Moment(origin),
            DueAt = reader.Moment(origin),
            Failure = ReadFailure(ref reader),
            // Spelt out: a bare null would become an empty body.
            Output = (parts & 1) == 0 ? default(ReadOnlyMemory<byte>?) : name is null ? ReadOnlyMemory<byte>.Empty : outputs[name],
        };
        if ((parts & 2) != 0)
            step = step with { Task = ReadTask(ref reader) };
        return (parts & 8) == 0 ? step : step with { Slots = reader.Int(), Round = reader.Number(), MissedSlot = reader.Moment(origin) };
    }

    private static void WriteTask(PackedWriter writer, TaskState task)
    {
        writer.Number(task.Total);
        writer.Number(task.Started);
        writer.Number(task.Failed);
        writer.Number(task.Finished.Floor);
        writer.Number(task.Finished.Words.Length);
        foreach (var word in task.Finished.Words)
            writer.Fixed(word);
    }

    private static TaskState ReadTask(ref PackedReader reader)
    {
        var (total, started, failed, floor) = (reader.Int(), reader.Int(), reader.Int(), reader.Int());
        var words = ImmutableArray.CreateBuilder<ulong>(reader.Int());
        while (words.Count < words.Capacity)
            words.Add(reader.Fixed());
        return new TaskState { Total = total, Started = started, Failed = failed, Finished = new ItemSet(floor, words.MoveToImmutable()) };
    }

    private static void WriteFailure(PackedWriter writer, StepFailure? failure)
    {
        writer.Text(failure?.Type);
        if (failure is null)
            return;
        writer.Text(failure.Message);
        writer.Byte(failure.Transient ? (byte)1 : (byte)0);
    }

    private static StepFailure? ReadFailure(ref PackedReader reader) =>
        reader.Text() is { } type ? new StepFailure(type, reader.Text() ?? "", reader.Byte() != 0) : null;

    private static void WriteParent(PackedWriter writer, ParentPlace? parent)
    {
        writer.Byte(parent is null ? (byte)0 : (byte)1);
        if (parent is null)
            return;
        EffectCodec.WritePlace(writer, parent);
    }

    private static ParentPlace? ReadParent(ref PackedReader reader) => reader.Byte() == 0 ? null : EffectCodec.ReadPlace(ref reader);
}
