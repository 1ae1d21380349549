using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Codec;

namespace Millrace.WorkflowManager.Tests.Runtime.Codec;

/// <summary>What is written is read, also without the bodies.</summary>
public sealed class StateCodecTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Steps_come_back_with_their_places_in_the_line_and_their_children()
    {
        StepState[] steps =
        [
            new() { Status = StepStatus.Completed, Attempt = 1, Output = "{}"u8.ToArray() },
            new() { Hold = StepHold.Permit, Slots = 3, Round = 12_345_678_901, MissedSlot = Start.AddSeconds(7) },
            new() { Status = StepStatus.Throttled, Hold = StepHold.Slot, DueAt = Start.AddDays(1), Slots = 1 },
            new() { Status = StepStatus.Throttled, Hold = StepHold.Closed, Throttles = 2, ThrottleReason = "API_KEY_INVALID: no", Slots = 1 },
            new() { Status = StepStatus.Dispatched, Attempt = 1, Task = new TaskState { Total = 9, Started = 5 } },
            new() { Hold = StepHold.Paused, MissedSlot = Start },
        ];
        var state = new RequestState { Id = Guid.NewGuid(), CreatedAt = Start, UpdatedAt = Start, Steps = [.. steps] };
        var record = Record(state);
        var outputs = new Dictionary<string, ReadOnlyMemory<byte>> { ["a"] = "{}"u8.ToArray() };

        var (read, _) = StateCodec.Read(record, outputs, ["a", "b", "c", "d", "e", "f"]);
        var bare = StateCodec.ReadSteps(record);

        Assert.Equal(steps.Select(Show), read.Steps.Select(Show));
        Assert.Equal(steps.Select(Show), bare.Select(Show));
        Assert.Equal((2, 0), (read.Steps[0].Output!.Value.Length, bare[0].Output!.Value.Length));
    }

    [Fact]
    public void A_held_request_comes_back_with_its_times_and_one_that_is_not_held_without()
    {
        var state = new RequestState
        {
            CreatedAt = Start,
            UpdatedAt = Start,
            TimeoutAt = Start.AddHours(1),
            HeldSince = Start.AddMinutes(1),
            Deadline = Start.AddHours(2),
            Steps = [new() { Hold = StepHold.Paused }],
        };
        var plain = StateCodec.Write(state with { HeldSince = null, Deadline = null }, null);

        var (read, _) = StateCodec.Read(Record(state), NoOutputs, names: null);
        Assert.Equal((state.TimeoutAt, state.HeldSince, state.Deadline), (read.TimeoutAt, read.HeldSince, read.Deadline));
        // But for the format, what is not held is how the longer one begins.
        Assert.True(StateCodec.Write(state, null).Span[1..].StartsWith(plain.Span[1..]));
        (read, _) = StateCodec.Read(Record(state) with { State = plain }, NoOutputs, names: null);
        Assert.Equal((state.TimeoutAt, null, null), (read.TimeoutAt, read.HeldSince, read.Deadline));
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> NoOutputs => [];

    private static RequestRecord Record(RequestState state) => StateRecords.Of(state, StateCodec.Write(state, null));

    private static string Show(StepState step) => (step with { Output = null, Task = null }) + $" {step.Task?.Total} {step.Task?.Started}";
}
