using Millrace.Cli.Posts;

namespace Millrace.Cli.Ingest;

/// <summary>Where posts are taken: a broker's exchange or a manager's REST route.</summary>
internal interface IIngestTarget : IAsyncDisposable
{
    string Description { get; }

    /// <summary>How many posts are before what takes them: on the broker's queue, or running at the manager.</summary>
    Task<long> CountWaitingAsync(CancellationToken cancellationToken);

    /// <summary>Sends the posts and returns once every one is durable at the target or refused.</summary>
    /// <returns>The refused ones with the reason.</returns>
    /// <exception cref="IngestException">The target can't be reached; nothing more is tried.</exception>
    Task<IReadOnlyList<Refusal>> SendAsync(IReadOnlyList<Post> posts, CancellationToken cancellationToken);
}

internal sealed record Refusal(Post Post, string Reason);

internal sealed class IngestException(string message) : Exception(message);
