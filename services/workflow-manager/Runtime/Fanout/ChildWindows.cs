using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Fanout;

/// <summary>
/// The next inputs of a few fan-outs, cut out of their lists a chunk at a time: children follow one by one as others finish, and
/// the whole list must not be read again for each.
/// </summary>
internal sealed class ChildWindows(WorkflowManagerOptions options)
{
    private const int MaxWindows = 16;

    private readonly Lock _lock = new();
    private readonly List<Window> _recent = [];

    /// <returns>Inputs of the items from <paramref name="from"/> on.</returns>
    public IReadOnlyList<ReadOnlyMemory<byte>> Take(RunningRequest parent, int step, int attempt, int from, int count)
    {
        lock (_lock)
        {
            if (_recent.Find(window => window.Covers(parent.Id, step, attempt, from, count)) is { } known)
                return known.Slice(from, count);
        }
        var read = new Window(
            parent.Id, step, attempt, from,
            ChildInputs.Of(parent.Definition, parent.State, step, from, Math.Max(count, options.FanOutChunk)));
        lock (_lock)
        {
            _recent.RemoveAll(window => window.IsOf(parent.Id, step));
            if (_recent.Count == MaxWindows)
                _recent.RemoveAt(0);
            _recent.Add(read);
        }
        return read.Slice(from, count);
    }

    private sealed record Window(Guid Parent, int Step, int Attempt, int From, IReadOnlyList<ReadOnlyMemory<byte>> Inputs)
    {
        public bool IsOf(Guid parent, int step) => Parent == parent && Step == step;

        public bool Covers(Guid parent, int step, int attempt, int from, int count) =>
            IsOf(parent, step) && Attempt == attempt && from >= From && from + count <= From + Inputs.Count;

        public IReadOnlyList<ReadOnlyMemory<byte>> Slice(int from, int count) => [.. Inputs.Skip(from - From).Take(count)];
    }
}
