namespace Millrace.GpuEmbedding;

/// <summary>How many messages are worked on at once: enough for two batches of the device, and never more texts than its queue takes.</summary>
internal static class WorkerPrefetch
{
    private const int TokensOfAPost = 32;
    private const int CpuBudget = 2_048;
    private const int CudaBudget = 16_384;

    public static int Calls(EmbeddingOptions options, int textsPerCall)
    {
        var budget = options.Batching.MaxBatchTokens;
        if (budget == 0)
            budget = options.Device == Inference.DeviceKind.Cpu ? CpuBudget : CudaBudget;
        return Math.Clamp(2 * budget / TokensOfAPost, 1, Math.Clamp(options.Batching.QueueLimitItems / textsPerCall, 1, 1_000));
    }
}
