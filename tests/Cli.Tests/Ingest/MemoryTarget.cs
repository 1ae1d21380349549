using System.Text;
using Millrace.Cli.Ingest;
using Millrace.Cli.Posts;

namespace Millrace.Cli.Tests.Ingest;

/// <summary>Takes posts into a list; may break after so many.</summary>
internal sealed class MemoryTarget(int breakAfter = int.MaxValue) : IIngestTarget
{
    public List<string> Taken { get; } = [];

    public string Description => "a list";

    public Task<long> CountWaitingAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

    public Task<IReadOnlyList<Refusal>> SendAsync(IReadOnlyList<Post> posts, CancellationToken cancellationToken)
    {
        if (Taken.Count >= breakAfter)
            throw new IngestException("The list is full.");
        var refused = posts.Where(post => post.Body.Span.IndexOf("refuse"u8) >= 0).ToArray();
        Taken.AddRange(posts.Except(refused).Select(post => Encoding.UTF8.GetString(post.Body.Span)));
        return Task.FromResult<IReadOnlyList<Refusal>>([.. refused.Select(post => new Refusal(post, "asked to"))]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
