using System.Net;
using Millrace.Cli.Client;
using Millrace.Cli.Posts;

namespace Millrace.Cli.Ingest;

/// <summary>Posts arrays to <c>/api/workflows/{name}/requests</c>; a refused array is tried post by post, so that one bad post costs one.</summary>
internal sealed class HttpTarget(MillraceClient client, string workflow, TimeProvider time) : IIngestTarget
{
    private const int MaxTries = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public string Description => $"{client.Server}, workflow {workflow}";

    private string Route => $"api/workflows/{Uri.EscapeDataString(workflow)}/requests";

    public async Task<long> CountWaitingAsync(CancellationToken cancellationToken) =>
        (await RetryAsync(() => RequestCounts.ReadAsync(client, cancellationToken), cancellationToken)).Of(workflow, "running");

    public async Task<IReadOnlyList<Refusal>> SendAsync(IReadOnlyList<Post> posts, CancellationToken cancellationToken)
    {
        if (await TrySendAsync(JsonArrays.Join(posts), cancellationToken) is not { } reason)
            return [];
        if (posts.Count == 1)
            return [new Refusal(posts[0], reason)];
        var refusals = new List<Refusal>();
        foreach (var post in posts)
        {
            if (await TrySendAsync(post.Body, cancellationToken) is { } why)
                refusals.Add(new Refusal(post, why));
        }
        return refusals;
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <returns>Null if the posts are accepted, or why they are not.</returns>
    private async Task<string?> TrySendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            await RetryAsync(() => client.PostAsync(Route, body, cancellationToken), cancellationToken);
            return null;
        }
        catch (MillraceClientException error) when (error.Status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity)
        {
            return error.Message;
        }
        catch (MillraceClientException error)
        {
            throw new IngestException(error.Message);
        }
    }

    /// <summary>A manager that restarts or is busy is asked again.</summary>
    private async Task<T> RetryAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (MillraceClientException error) when (IsTransient(error.Status) && attempt < MaxTries)
            {
                await Task.Delay(Pause * attempt * attempt, time, cancellationToken);
            }
        }
    }

    private static bool IsTransient(HttpStatusCode? status) =>
        status is null or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
