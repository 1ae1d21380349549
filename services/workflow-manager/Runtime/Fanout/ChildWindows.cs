using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Fanout;

/// <summary>
/// The next inputs of a few fan-outs, cut out of their lists a chunk at a time: children follow one by one as others finish, and
/// the whole list must not be read again for each. Together they hold no more bytes than a transaction.
/// </summary>
internal sealed class ChildWindows(WorkflowManagerOptions options)
{
    private const int MaxWindows = 16;

    private readonly Lock _lock = new();
    private readonly List<Window> _recent = [];

    /// <returns>
    /// Inputs of the items from <paramref name="from"/> on: at most <paramref name="count"/>, and no more than fit into a transaction, but
    /// at least one if there is one.
    /// </returns>
    public IReadOnlyList<ReadOnlyMemory<byte>> Take(RunningRequest parent, int step, int attempt, int from, int count)
    {
        lock (_lock)
        {
            if (_recent.Find(window => window.Covers(parent.Id, step, attempt, from)) is { } known)
                return known.Slice(from, count);
        }
        var read = new Window(
            parent.Id, step, attempt, from,
            ChildInputs.Of(parent.Definition, parent.State, step, from, Math.Max(count, options.FanOutChunk), options.GroupMaxBytes));
        lock (_lock)
        {
            _recent.RemoveAll(window => window.IsOf(parent.Id, step));
            _recent.Add(read);
            while (_recent.Count > MaxWindows || (_recent.Count > 1 && _recent.Sum(window => window.Bytes) > options.GroupMaxBytes))
                _recent.RemoveAt(0);
        }
        return read.Slice(from, count);
    }

    private sealed record Window(Guid Parent, int Step, int Attempt, int From, IReadOnlyList<ReadOnlyMemory<byte>> Inputs)
    {
        public long Bytes { get; } = Inputs.Sum(input => (long)input.Length);

        public bool IsOf(Guid parent, int step) => Parent == parent && Step == step;

        public bool Covers(Guid parent, int step, int attempt, int from) =>
            IsOf(parent, step) && Attempt == attempt && from >= From && from < From + Inputs.Count;

        public IReadOnlyList<ReadOnlyMemory<byte>> Slice(int from, int count) => [.. Inputs.Skip(from - From).Take(count)];
    }
}
