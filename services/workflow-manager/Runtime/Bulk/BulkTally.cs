using Millrace.Contracts.Views;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Bulk;

/// <summary>Counts what became of each request of a bulk action.</summary>
internal sealed class BulkTally(bool dryRun)
{
    private const int MaxNamed = 100;

    private readonly List<Guid> _ids = [];
    private readonly List<BulkProblemView> _problems = [];
    private int _matched;
    private int _changed;
    private int _refused;
    private int _failed;

    public void Match(Guid id)
    {
        _matched++;
        if (_ids.Count < MaxNamed)
            _ids.Add(id);
    }

    public void Refuse(Guid id, string reason)
    {
        _refused++;
        Name(new BulkProblemView(id, "refused", reason));
    }

    public void Fail(Guid id, string reason)
    {
        _failed++;
        Name(new BulkProblemView(id, "failed", reason));
    }

    public void Count(RequestWork work)
    {
        if (work.Outcome == WorkOutcome.Saved)
            _changed++;
        else if (work.Failure is { } failure)
            Fail(work.RequestId, failure.Message);
        else
            Refuse(work.RequestId, "It has changed meanwhile, or is gone.");
    }

    public BulkView Show(string? next) => new(_matched, _changed, dryRun, _ids, _refused, _failed, _problems, next);

    private void Name(BulkProblemView problem)
    {
        if (_problems.Count < MaxNamed)
            _problems.Add(problem);
    }
}
