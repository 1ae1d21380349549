using Millrace.WorkflowManager.Runtime;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Tests.Runtime.Commits;

public sealed class WorkInboxTests
{
    private readonly WorkInbox _inbox = new(new Bell(TimeProvider.System), new WorkflowManagerOptions());

    [Fact]
    public void What_has_begun_goes_on_before_what_is_new_and_what_is_new_is_not_left_out()
    {
        for (var work = 0; work < 200; work++)
        {
            _ = _inbox.BeginAsync([Work(fresh: true)], CancellationToken.None);
            _ = _inbox.RunAsync([Work(fresh: false)], CancellationToken.None);
        }

        var taken = _inbox.Take(100);

        Assert.Equal(100, taken.Count);
        Assert.Equal(3, taken.Count(each => each.Work.Bytes > 0));
    }

    [Fact]
    public void Where_nothing_has_begun_all_is_new()
    {
        for (var work = 0; work < 200; work++)
            _ = _inbox.BeginAsync([Work(fresh: true)], CancellationToken.None);
        Assert.Equal(100, _inbox.Take(100).Count);
    }

    [Fact]
    public void What_is_put_back_comes_first_and_a_work_that_must_be_alone_waits_for_an_empty_group()
    {
        var options = new WorkflowManagerOptions();
        _ = _inbox.RunAsync([Work(fresh: false)], CancellationToken.None);
        var works = new[] { Work(fresh: true), Work(fresh: true) };
        var batch = new WorkBatch(works);
        _inbox.PutBack([new QueuedWork(batch, works[0]), new QueuedWork(batch, works[1], Alone: true)]);

        Assert.Equal([works[0]], _inbox.Take(1).Select(each => each.Work));
        var group = new OpenGroup(options);
        Assert.True(_inbox.CanTake(group));
        group.Settle(new QueuedWork(batch, works[0]), WorkOutcome.Unchanged);
        Assert.False(_inbox.CanTake(group));
        Assert.Equal([works[1]], _inbox.Take(100).Select(each => each.Work));
    }

    private static RequestWork Work(bool fresh) => new(Guid.NewGuid(), (_, _) => null) { Bytes = fresh ? 1 : 0 };
}
