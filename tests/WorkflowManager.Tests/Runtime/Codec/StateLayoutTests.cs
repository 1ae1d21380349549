using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Tests.Runtime.Codec;

/// <summary>
/// Layouts as builds have written them, byte for byte. A file that is here stays as it is, for stores hold such bytes; what is new gets a
/// format of its own, and a file.
/// </summary>
public sealed class StateLayoutTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid Parent = new("00112233-4455-6677-8899-aabbccddeeff");

    private static readonly Dictionary<string, ReadOnlyMemory<byte>> Outputs = new() { ["a"] = "{}"u8.ToArray() };

    private static readonly string[] Names = ["a", "b", "c", "d", "e"];

    private static readonly RequestState Plain = new()
    {
        CreatedAt = Start,
        UpdatedAt = Start,
        Priority = 7,
        TimeoutAt = Start.AddHours(1),
        FailedStep = 2,
        Notes = 3,
        CancelledBy = "ann",
        Failure = new StepFailure("timeout", "Zu spät.", Transient: true),
        Steps =
        [
            new() { Status = StepStatus.Completed, Attempt = 2, FirstAttempt = 2, LateAttempt = 1, Output = "{}"u8.ToArray(), StartedAt = Start, FinishedAt = Start.AddSeconds(1) },
            new() { Status = StepStatus.Dispatched, Attempt = 1, DispatchedAt = Start.AddSeconds(2), Task = new TaskState { Total = 300, Started = 200, Failed = 1, Finished = new ItemSet(64, [5, 0]) } },
            new() { Status = StepStatus.Failed, Attempt = 3, Failures = 3, Failure = new StepFailure("busy", "no") },
            new() { Status = StepStatus.Retrying, Attempt = 1, Failures = 1, Throttles = 2, IsAnew = true, DueAt = Start.AddMilliseconds(1500) },
            new() { Hold = StepHold.Paused },
        ],
    };

    private static readonly RequestState Held = new()
    {
        CreatedAt = Start,
        UpdatedAt = Start,
        Scope = 0,
        Parent = new ParentPlace(Parent, 1, 2, 3),
        HeldSince = Start.AddMinutes(1),
        Deadline = Start.AddHours(2),
        Steps =
        [
            new() { Status = StepStatus.Throttled, Hold = StepHold.Slot, Slots = 3, Round = 12_345_678_901, DueAt = Start.AddSeconds(9) },
            new() { Hold = StepHold.Permit, MissedSlot = Start.AddSeconds(7) },
            new() { Status = StepStatus.Throttled, Hold = StepHold.Closed, Throttles = 1, ThrottleReason = "API_KEY_INVALID: no" },
        ],
    };

    private static readonly ImmutableArray<Effect> Effects =
    [
        new Effect.DispatchStep(1, 2), new Effect.AcquirePermit(3), new Effect.StartChildren(1, 2, 100, 50), new Effect.CancelChildren(1, 2, 70),
        new Effect.GatherChildren(4, 1), new Effect.FinishRequest(), new Effect.NotifyParent(new ParentPlace(Parent, 1, 2, 3), Failed: true),
        new Effect.CancelDispatch(2, 5),
    ];

    private static readonly WorkflowDefinition Definition = new()
    {
        Name = "all",
        Hash = TestWorkflows.Hash("all"),
        Number = 4,
        Key = "post.uri",
        Timeout = TimeSpan.FromHours(1),
        Retention = TimeSpan.FromDays(30),
        Schedule = new Schedule("0 3 * * *", "{}"u8.ToArray()) { CatchUp = CatchUp.All, TimeZone = "Europe/Zurich" },
        Priority = 5,
        MaxItems = 1_000,
        Steps =
        [
            new StepDefinition
            {
                Name = "a",
                Queue = "first",
                Batch = 64,
                Timeout = TimeSpan.FromSeconds(30),
                Retry = new RetryRule { Attempts = 5, Backoff = Backoff.Linear, Delay = TimeSpan.FromSeconds(2), MaxDelay = TimeSpan.FromMinutes(2), On = ["busy"], Never = ["bad"] },
                RateLimit = new RateLimit(50, TimeSpan.FromSeconds(1)),
                Cache = new CacheRule(["text"], TimeSpan.FromDays(1)) { Number = 2, Echo = ["uri"] },
                Priority = 9,
            },
            new StepDefinition { Name = "b", Task = "each", Depends = ["a"], When = [new Condition("keep", [JsonDocument.Parse("true").RootElement])] },
        ],
        Tasks = [new TaskDefinition { Name = "each", ItemListKey = "items", ItemKey = "entry", MaxParallel = 10, Steps = [new StepDefinition { Name = "c" }] }],
    };

    [Fact]
    public void A_plain_state_is_written_and_read_in_format_1() => Check("state-1", Plain, "00-trace");

    [Fact]
    public void What_has_a_place_in_a_line_or_is_held_is_written_and_read_in_format_2() => Check("state-2", Held, null);

    [Fact]
    public void The_same_is_read_as_builds_wrote_it_that_called_it_format_1() =>
        Assert.Equal(Show(Held), Show(Read(Held, Bytes("state-1-held")).State));

    [Fact]
    public void The_same_is_read_as_builds_wrote_it_that_knew_no_reasons()
    {
        var bytes = Bytes("state-1-held");
        var reasons = Held.Steps.Sum(step => 1 + (step.ThrottleReason?.Length ?? 0));
        var bare = Held with { Steps = [.. Held.Steps.Select(step => step with { ThrottleReason = null })] };
        Assert.Equal(Show(bare), Show(Read(Held, bytes[..^reasons]).State));
    }

    [Fact]
    public void What_a_newer_build_wrote_is_not_guessed_at()
    {
        var newer = Bytes("state-2");
        newer[0] = 3;
        Assert.Throws<InvalidDataException>(() => Read(Held, newer));
        Assert.Throws<InvalidDataException>(() => StateCodec.ReadScope(newer));
        Assert.Throws<InvalidDataException>(() => StateCodec.ReadFailure(newer));
    }

    [Fact]
    public void A_part_of_a_step_that_this_build_does_not_know_is_not_guessed_at()
    {
        var state = new RequestState { CreatedAt = Start, UpdatedAt = Start, Steps = [new()] };
        var known = StateCodec.Write(state, null).ToArray();
        // Status, hold and parts are followed by five numbers, four moments and a failure, a byte each.
        var first = known.Length - 13;
        for (var part = first; part < first + 3; part++)
        {
            byte[] newer = [.. known];
            newer[part] = 64;
            Assert.Throws<InvalidDataException>(() => Read(state, newer));
        }
    }

    [Fact]
    public void Effects_are_written_and_read_as_ever()
    {
        Same(Bytes("effects"), EffectCodec.Write(Effects).ToArray());
        Assert.Equal(Effects, EffectCodec.Read(Bytes("effects")));
    }

    [Fact]
    public void A_definition_is_written_and_read_as_ever()
    {
        var stored = File.ReadAllText(PathOf("definition.json")).Trim();
        var written = Encoding.UTF8.GetString(DefinitionCodec.Write(Definition).Span);
        Assert.True(stored == written, written);
        Assert.Equal(stored, Encoding.UTF8.GetString(DefinitionCodec.Write(DefinitionCodec.Read(Encoding.UTF8.GetBytes(stored))).Span));
    }

    [Theory]
    [InlineData("\"maxItems\":", "\"newer\":1,\"maxItems\":")]
    [InlineData("\"batch\":64", "\"batch\":64,\"newer\":{}")]
    [InlineData("\"attempts\":5", "\"attempts\":5,\"newer\":[]")]
    public void A_definition_with_a_member_that_this_build_does_not_know_is_left_to_one_that_does(string known, string newer)
    {
        var stored = File.ReadAllText(PathOf("definition.json"));
        Assert.Contains(known, stored, StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => DefinitionCodec.Read(Encoding.UTF8.GetBytes(stored.Replace(known, newer, StringComparison.Ordinal))));
    }

    private static void Check(string file, RequestState state, string? traceParent)
    {
        Same(Bytes(file), StateCodec.Write(state, traceParent).ToArray());
        var (read, trace) = Read(state, Bytes(file));
        Assert.Equal((Show(state), traceParent), (Show(read), trace));
    }

    private static (RequestState State, string? TraceParent) Read(RequestState state, byte[] bytes) =>
        StateCodec.Read(StateRecords.Of(state, bytes), Outputs, [.. Names.Take(state.Steps.Length)]);

    private static void Same(byte[] stored, byte[] written) => Assert.True(stored.AsSpan().SequenceEqual(written), $"Now it is {Convert.ToHexStringLower(written)}.");

    private static byte[] Bytes(string file) => Convert.FromHexString(string.Concat(File.ReadAllLines(PathOf(file + ".hex"))));

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Runtime", "Codec", "Layouts", file);

    private static string Show(RequestState state) =>
        $"{state with { Steps = default }} {string.Join(' ', state.Steps.Select(step => $"{step with { Output = null, Task = null }} {step.Output?.Length} {Show(step.Task)}"))}";

    private static string Show(TaskState? task) =>
        task is null ? "" : $"{task.Total} {task.Started} {task.Failed} {task.Finished.Floor} {string.Join(',', task.Finished.Words)}";
}
