using Millrace.Inference.Batching;

namespace Millrace.GpuEmbedding;

/// <summary>How much a worker takes from its queue at once: two batches for everything that runs side by side, and half the engine's queue at most.</summary>
/// <param name="TextsPerCall">Texts of one call of the handler.</param>
/// <param name="Calls">Calls at the same time.</param>
/// <param name="Messages">Messages held: as if each brought one text, since nothing says beforehand that they bring more.</param>
internal readonly record struct WorkerPrefetch(int TextsPerCall, int Calls, int Messages)
{
    private const int TokensOfAPost = 32;

    /// <summary>So that the device works while the replies of some calls are on their way.</summary>
    private const int FewestCalls = 8;

    private const int MostCalls = 1_000;
    private const int MostMessages = 10_000;

    /// <param name="limits">Of one batch.</param>
    /// <param name="streams">Batches that run at one time.</param>
    /// <param name="queueLimit">Texts that the engine lets wait; the other half of it is for callers over HTTP.</param>
    /// <param name="textsPerCall">Texts of a call where the queue has room for them.</param>
    public static WorkerPrefetch For(BatchLimits limits, int streams, int queueLimit, int textsPerCall)
    {
        var room = Math.Max(1, queueLimit / 2);
        var perCall = Math.Min(textsPerCall, room);
        var textsOfABatch = Math.Clamp(limits.MaxTokens / TokensOfAPost, 1, limits.MaxItems);
        var texts = 2L * textsOfABatch * streams;
        var wanted = (texts + perCall - 1) / perCall;
        var calls = (int)Math.Clamp(Math.Max(wanted, FewestCalls), 1, Math.Min(room / perCall, MostCalls));
        return new WorkerPrefetch(perCall, calls, (int)Math.Clamp(texts, calls + 1, MostMessages));
    }
}
