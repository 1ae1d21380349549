using Millrace.Storage.Documents;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Tests.Runtime.Gates;

/// <summary>A worker's word while the store fails, and while others write.</summary>
public sealed class RateGatesTests
{
    private static readonly StepKey Step = new("w", "a");
    private static readonly DateTimeOffset Until = TimeProvider.System.GetUtcNow().AddMinutes(10);
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_closing_that_could_not_be_saved_holds_here_and_is_saved_later()
    {
        await using var place = await Workplace.OpenAsync();
        var documents = new HeldDocuments(place.Store.Documents) { Fails = true };
        var gates = new RateGates(documents, new WorkflowManagerOptions(), new StoreClock(TimeProvider.System));
        await Assert.ThrowsAsync<IOException>(() => gates.ReserveAsync(Step, 1, default, Token));

        gates.Close(Step, Until);
        await Assert.ThrowsAsync<IOException>(() => gates.RefreshAsync(Token));
        Assert.Equal(Until, gates.Find(Step).ClosedUntil);

        documents.Fails = false;
        await gates.RefreshAsync(Token);
        Assert.Equal(Until, gates.Find(Step).ClosedUntil);
        Assert.Equal(Until, (await OthersAsync(place)).Find(Step).ClosedUntil);
    }

    [Fact]
    public async Task A_list_that_was_read_before_a_closing_does_not_open_the_gate_again()
    {
        await using var place = await Workplace.OpenAsync();
        var documents = new HeldDocuments(place.Store.Documents);
        var gates = new RateGates(documents, new WorkflowManagerOptions(), new StoreClock(TimeProvider.System));
        await gates.ReserveAsync(Step, 1, new Pace(TimeSpan.FromSeconds(1), TimeSpan.Zero, 0), Token);

        documents.AfterList = async () =>
        {
            gates.Close(Step, Until);
            await gates.ShareAsync(Token);
        };
        await gates.RefreshAsync(Token);

        Assert.Equal(Until, gates.Find(Step).ClosedUntil);
        Assert.Equal(Until, gates.Look(Step, new StepDefinition { Name = "a" }, Until.AddMinutes(-1)).Until);
    }

    [Fact]
    public async Task A_slot_that_is_asked_for_before_the_closing_is_saved_lies_after_it()
    {
        await using var place = await Workplace.OpenAsync();
        var documents = new HeldDocuments(place.Store.Documents) { Fails = true };
        var gates = new RateGates(documents, new WorkflowManagerOptions(), new StoreClock(TimeProvider.System));
        gates.Close(Step, Until);
        documents.Fails = false;

        var slots = await gates.ReserveAsync(Step, 1, new Pace(TimeSpan.FromSeconds(1), TimeSpan.Zero, 0), Token);

        Assert.Equal(Until, slots[0]);
        Assert.Equal(Until, (await OthersAsync(place)).Find(Step).ClosedUntil);
    }

    [Fact]
    public async Task A_list_that_was_read_before_a_pause_does_not_end_it_and_one_before_its_end_does_not_bring_it_back()
    {
        await using var place = await Workplace.OpenAsync();
        var documents = new HeldDocuments(place.Store.Documents);
        var pauses = new Pauses(documents, new StoreClock(TimeProvider.System));

        documents.AfterList = () => pauses.PauseAsync("w", null, "ann", Token);
        await pauses.RefreshAsync(Token);
        Assert.NotNull(pauses.FindWorkflow("w"));

        documents.AfterList = () => pauses.ResumeAsync("w", null, Token);
        await pauses.RefreshAsync(Token);
        Assert.Null(pauses.FindWorkflow("w"));
    }

    [Fact]
    public async Task Slots_that_nobody_holds_any_more_are_taken_back_once_none_is_on_its_way()
    {
        await using var place = await Workplace.OpenAsync();
        var clock = new SetTime();
        var gates = new RateGates(place.Store.Documents, new WorkflowManagerOptions(), new StoreClock(clock));
        var pace = new Pace(TimeSpan.FromSeconds(1), TimeSpan.Zero, 0);
        await gates.ReserveAsync(Step, 100_000, pace, Token);
        var end = gates.Find(Step).End;

        await gates.EmptyAsync(IsFree, Token);
        Assert.Equal(end, gates.Find(Step).End);
        clock.Forward(TimeSpan.FromSeconds(31));
        await gates.EmptyAsync(step => Task.FromResult(step == Step), Token);
        Assert.Equal(end, gates.Find(Step).End);
        await gates.EmptyAsync(step => Task.FromResult(step != Step), Token);

        // The last to leave may have left just now.
        Assert.Equal(clock.GetUtcNow() + pace.Interval, (await gates.ReserveAsync(Step, 1, pace, Token))[0]);
    }

    [Fact]
    public async Task A_long_interval_is_kept_after_the_only_one_has_left()
    {
        await using var place = await Workplace.OpenAsync();
        var clock = new SetTime();
        var gates = new RateGates(place.Store.Documents, new WorkflowManagerOptions(), new StoreClock(clock));
        var pace = new Pace(TimeSpan.FromMinutes(5), TimeSpan.Zero, 0);
        var first = (await gates.ReserveAsync(Step, 1, pace, Token))[0];
        clock.Forward(TimeSpan.FromSeconds(60));

        await gates.EmptyAsync(IsFree, Token);

        Assert.Equal(first + pace.Interval, (await gates.ReserveAsync(Step, 1, pace, Token))[0]);
    }

    [Fact]
    public async Task Slots_that_are_taken_back_while_another_manager_gives_some_away_stay()
    {
        await using var place = await Workplace.OpenAsync();
        var clock = new SetTime();
        var gates = new RateGates(place.Store.Documents, new WorkflowManagerOptions(), new StoreClock(clock));
        var pace = new Pace(TimeSpan.FromSeconds(1), TimeSpan.Zero, 0);
        await gates.ReserveAsync(Step, 1_000, pace, Token);
        clock.Forward(TimeSpan.FromSeconds(31));
        await new RateGates(place.Store.Documents, new WorkflowManagerOptions(), new StoreClock(clock)).ReserveAsync(Step, 1, pace, Token);

        await gates.EmptyAsync(IsFree, Token);

        Assert.True((await gates.ReserveAsync(Step, 1, pace, Token))[0] > clock.GetUtcNow().AddSeconds(900));
    }

    private static Task<bool> IsFree(StepKey step) => Task.FromResult(false);

    private static async Task<RateGates> OthersAsync(Workplace place)
    {
        var others = new RateGates(place.Store.Documents, new WorkflowManagerOptions(), new StoreClock(TimeProvider.System));
        await others.RefreshAsync(Token);
        return others;
    }

    private sealed class SetTime : TimeProvider
    {
        private TimeSpan _passed;

        public void Forward(TimeSpan by) => _passed += by;

        public override DateTimeOffset GetUtcNow() => Until + _passed;

        public override long GetTimestamp() => _passed.Ticks * TimestampFrequency / TimeSpan.TicksPerSecond;
    }

    /// <summary>The store's documents; writes may fail, and something may happen between a list and its answer.</summary>
    private sealed class HeldDocuments(IDocumentStore inner) : IDocumentStore
    {
        public bool Fails { get; set; }

        public Func<Task> AfterList { get; set; } = () => Task.CompletedTask;

        public Task<StoredDocument?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public async Task<IReadOnlyList<StoredDocument>> ListAsync(string prefix, int limit, CancellationToken cancellationToken)
        {
            var found = await inner.ListAsync(prefix, limit, cancellationToken);
            await AfterList();
            return found;
        }

        public Task<long?> PutAsync(string key, ReadOnlyMemory<byte> body, long? expectedVersion, CancellationToken cancellationToken) =>
            Fails ? throw new IOException("the disk is full") : inner.PutAsync(key, body, expectedVersion, cancellationToken);

        public Task DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
    }
}
