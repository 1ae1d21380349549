using System.Diagnostics;
using Millrace.Cli.Posts;

namespace Millrace.Cli.Ingest;

/// <summary>Takes all posts of some files to a target: in groups, in order, never more in flight than one group.</summary>
/// <param name="total">How many posts the files hold; null if that is unknown.</param>
/// <param name="expected">How long all of it takes by an estimate made before.</param>
internal sealed class IngestRun(
    IReadOnlyList<string> files, IIngestTarget target, IngestCheckpoint checkpoint, IngestRoom room, long? total, TimeSpan? expected, TimeProvider time)
{
    private const int GroupSize = 100;

    private readonly IngestPace _pace = new(total is { } posts && expected is { TotalSeconds: > 0 } span ? posts / span.TotalSeconds : null, time);
    private readonly List<Refusal> _refused = [];
    private readonly List<Post> _group = new(GroupSize);
    private readonly long _resumed = checkpoint.Done;
    private long _read;
    private long _sent;
    private long _refusedCount;

    /// <exception cref="IngestException">The target can't be reached.</exception>
    /// <exception cref="PostFileException">A file can't be read, or an interrupted run had sent other posts.</exception>
    public async Task<IngestSummary> RunAsync(Action<IngestProgress> show, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var digest = new PostDigest();
        foreach (var file in files)
        {
            await foreach (var post in PostFile.ReadAsync(file, cancellationToken))
            {
                digest.Add(post);
                if (++_read <= _resumed)
                {
                    CheckResumed(digest);
                    continue;
                }
                _group.Add(post);
                if (_group.Count == GroupSize)
                    await FlushAsync(digest, show, cancellationToken);
            }
        }
        if (_read < _resumed)
            throw OtherPosts();
        await FlushAsync(digest, show, cancellationToken);
        checkpoint.Complete();
        return new IngestSummary(
            _read, _sent, _resumed, _refusedCount, [.. _refused.Select(refusal => $"{refusal.Post.Source}: {refusal.Reason}")], watch.Elapsed.TotalSeconds);
    }

    private void CheckResumed(PostDigest digest)
    {
        if (_read == _resumed && digest.Current != checkpoint.Digest)
            throw OtherPosts();
    }

    private PostFileException OtherPosts() => new(
        $"An interrupted run of this command had sent {_resumed} posts, and the input does not begin with the same ones now. Nothing was sent. "
        + "Begin again with --restart: what was sent already is not taken twice.");

    private async Task FlushAsync(PostDigest digest, Action<IngestProgress> show, CancellationToken cancellationToken)
    {
        if (_group.Count == 0)
            return;
        await room.WaitAsync(_group.Count, () => Show(show, checkpoint.Done), cancellationToken);
        var refusals = await target.SendAsync(_group, cancellationToken);
        checkpoint.Advance(_read, digest.Current);
        _sent += _group.Count - refusals.Count;
        _refusedCount += refusals.Count;
        _refused.AddRange(refusals.Take(IngestSummary.MaxRefusalsShown - _refused.Count));
        _group.Clear();
        Show(show, _read);
    }

    private void Show(Action<IngestProgress> show, long sent)
    {
        _pace.Look(Math.Max(0, sent - room.Waiting));
        show(new IngestProgress(sent, room.Waiting, total, _pace.PerSecond, total is { } all ? _pace.Remaining(all) : null, expected));
    }
}
