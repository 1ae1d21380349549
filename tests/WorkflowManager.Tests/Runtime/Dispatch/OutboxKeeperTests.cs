using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Tests.Runtime.Dispatch;

/// <summary>What is saved is sent: whenever it came to be saved, however long others take.</summary>
public sealed class OutboxKeeperTests
{
    private static readonly WorkflowManagerOptions Options =
        new() { Name = "first", Workflows = [TestWorkflows.Chain("chain", "a")], LeaseSeconds = 2, ResendDelayMs = 20 };

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_that_is_saved_long_after_it_was_given_up_is_carried_out_without_a_restart()
    {
        await using var place = await Workplace.OpenAsync();
        var given = NewSignal<IReadOnlyList<RequestChange>>();
        var (tried, looked, landed) = (NewSignal<bool>(), NewSignal<bool>(), NewSignal<bool>());
        var failpoints = new Failpoints(Fault.None, 0, seed: 0)
        {
            // The first commit is given up, though it is still on its way; what follows waits until it is saved.
            BeforeCommit = async changes =>
            {
                if (changes.Count > 0 && given.TrySetResult(changes))
                    throw new IOException("the line went dead");
                if (!given.Task.IsCompleted)
                    return;
                tried.TrySetResult(true);
                await landed.Task;
            },
            Claimed = _ =>
            {
                if (tried.Task.IsCompleted)
                    looked.TrySetResult(true);
                return Task.CompletedTask;
            },
        };
        await using var manager = await place.ManageAsync(Options, failpoints);
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        var id = (await place.PublishAsync("chain", 1))[0];

        var late = await given.Task.WaitAsync(manager.Token);
        // Whoever looks for it now does not find it.
        await looked.Task.WaitAsync(manager.Token);
        await place.Store.Requests.CommitAsync(late, [], "first", TimeProvider.System.GetUtcNow().AddSeconds(2), Now);
        landed.SetResult(true);

        Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
    }

    [Fact]
    public async Task Leases_are_prolonged_while_what_was_claimed_is_still_being_taken_up()
    {
        await using var place = await Workplace.OpenAsync();
        var (held, renewed, go) = (NewSignal<bool>(), NewSignal<bool>(), NewSignal<bool>());
        var failpoints = new Failpoints(Fault.None, 0, seed: 0)
        {
            // Nothing is taken up while a commit is on its way, for what it saves is not known yet.
            BeforeCommit = async changes =>
            {
                if (changes.Count == 0)
                    return;
                held.TrySetResult(true);
                await go.Task;
            },
            Renewed = inHand =>
            {
                if (inHand.Count > 0)
                    renewed.TrySetResult(true);
            },
        };
        await using var manager = await place.ManageAsync(Options, failpoints);
        await place.PublishAsync("chain", 1);
        await held.Task.WaitAsync(manager.Token);
        await LeaveBehindAsync(place, commits: 1);

        await renewed.Task.WaitAsync(manager.Token);
        go.SetResult(true);
    }

    [Fact]
    public async Task However_long_taking_up_lasts_no_lease_is_given_that_has_ended()
    {
        await using var place = await Workplace.OpenAsync();
        await LeaveBehindAsync(place, commits: 150);
        var clock = new JumpingClock();
        var leases = new List<TimeSpan>();
        var two = NewSignal<TimeSpan[]>();
        var failpoints = new Failpoints(Fault.None, 0, seed: 0)
        {
            Claimed = leaseUntil =>
            {
                leases.Add(leaseUntil - clock.GetUtcNow());
                clock.Jump(TimeSpan.FromMinutes(5));
                if (leases.Count == 2)
                    two.SetResult([.. leases]);
                return Task.CompletedTask;
            },
        };
        await using var manager = await TestManager.StartAsync(
            place.Bus, new FailingStore(place.Store, failpoints), Options with { Name = "second" }, clock);

        Assert.All(await two.Task.WaitAsync(manager.Token), lease => Assert.True(lease > TimeSpan.Zero, $"It ended {-lease} before it was given."));
    }

    [Fact]
    public async Task What_this_build_cannot_read_is_not_kept_from_one_that_can()
    {
        await using var place = await Workplace.OpenAsync();
        var unreadable = SavedRequests.Begin(place, Options.Workflows[0], Guid.NewGuid()).Garble();
        await place.Store.Requests.CommitAsync([unreadable], [], "gone", TimeProvider.System.GetUtcNow(), Now);
        await using var manager = await place.ManageAsync(Options);
        while (manager.Get<SentTickets>().OpenCount == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);

        var lease = TimeProvider.System.GetUtcNow().AddHours(1);
        while ((await place.Store.Requests.ClaimUnsentAsync("newer", TimeProvider.System.GetUtcNow(), lease, false, 10, manager.Token)).Count == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
    }

    [Fact]
    public async Task Between_two_looks_of_a_manager_what_it_cannot_read_is_free_for_one_that_can()
    {
        await using var place = await Workplace.OpenAsync();
        var unreadable = SavedRequests.Begin(place, Options.Workflows[0], Guid.NewGuid()).Garble();
        var saved = await place.Store.Requests.CommitAsync([unreadable], [], "gone", TimeProvider.System.GetUtcNow(), Now);
        var (claims, given) = (0, NewSignal<bool>());
        var failpoints = new Failpoints(Fault.None, 0, seed: 0)
        {
            Claimed = _ =>
            {
                claims++;
                return Task.CompletedTask;
            },
            Renewed = tickets =>
            {
                if (claims > 1 && tickets.Any(ticket => ticket.Id == saved.Ticket.Id))
                    given.TrySetResult(true);
            },
        };
        await using var manager = await place.ManageAsync(Options, failpoints);

        // It has just claimed it again: one look of another, at any time from now on, is enough.
        await given.Task.WaitAsync(manager.Token);
        var now = TimeProvider.System.GetUtcNow().AddMilliseconds(1);
        Assert.Single(await place.Store.Requests.ClaimUnsentAsync("newer", now, now.AddHours(1), false, 10, manager.Token));
    }

    /// <summary>Effects of a manager that is gone, of requests that are gone too.</summary>
    private static async Task LeaveBehindAsync(Workplace place, int commits)
    {
        var at = TimeProvider.System.GetUtcNow().AddHours(-1);
        for (var i = 0; i < commits; i++)
        {
            var record = new RequestRecord
            {
                Id = Guid.NewGuid(),
                Workflow = "chain",
                DefinitionHash = "",
                Status = "completed",
                CreatedAt = at,
                UpdatedAt = at,
                FinishedAt = at,
                Version = 1,
                State = default,
            };
            // A child's, since a request of its own is not removed before its effects are sent.
            var child = record with { Id = Guid.NewGuid(), Parent = new ParentReference(record.Id, "items", 0) };
            await place.Store.Requests.CommitAsync(
                [new RequestChange { Record = record }, new RequestChange { Record = child, Effects = new byte[1] }], [], "gone", at, Now);
        }
        Assert.Equal(commits, await place.Store.Requests.DeleteFinishedAsync("chain", at.AddMinutes(1), commits, Now));
    }

    private static TaskCompletionSource<T> NewSignal<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
