using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Testing;

namespace Millrace.GpuEmbedding.Tests;

public sealed class EmbeddingWorkerTests
{
    [Fact]
    public async Task A_batch_from_the_queue_is_answered_with_a_vector_an_item()
    {
        using var folder = new TemporaryFolder("worker");
        EmbeddingHost.WriteModel(folder.Path);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Embedding:ModelFolder"] = folder.Path, ["Embedding:Device"] = "cpu" });
        builder.Services.AddLogging();
        builder.Services.AddMessageBus("memory:");
        builder.AddGpuEmbedding();
        builder.AddEmbeddingWorker();
        using var host = builder.Build();
        await host.StartAsync();
        var reply = await AskAsync(host.Services.GetRequiredService<IMessageBus>(), """
            [{"correlationId":"1:embed","attempt":1,"input":{"text":"the mill","uri":"a"}},{"correlationId":"2:embed","attempt":1,"input":{"uri":"b"}}]
            """);
        var items = JsonSerializer.Deserialize<BatchReply[]>(reply, MillraceJson.Options)!;
        Assert.Equal(4, items[0].Output!.Value.GetProperty("tokens").GetInt32());
        Assert.Equal(EmbeddingHost.Width * 4, items[0].Output!.Value.GetProperty("embedding").GetBytesFromBase64().Length);
        Assert.Equal("text-missing", items[1].Error!.Type);
        await host.StopAsync();
    }

    [Theory]
    [InlineData(2_048, 4_096, 64)]
    [InlineData(320, 4_096, 20)]
    [InlineData(320, 640, 10)]
    [InlineData(16, 10, 1)]
    public void The_prefetch_follows_the_token_budget_and_the_queue(int budget, int queue, int calls) => Assert.Equal(
        calls, WorkerPrefetch.Calls(new EmbeddingOptions { Batching = new() { MaxBatchTokens = budget, QueueLimitItems = queue } }, textsPerCall: 64));

    private static async Task<string> AskAsync(IMessageBus bus, string batch)
    {
        var answered = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await bus.DeclareQueueAsync("replies", CancellationToken.None);
        await using var replies = await bus.ConsumeAsync(
            new ConsumerOptions { Queue = "replies" },
            (message, _) =>
            {
                answered.TrySetResult(Encoding.UTF8.GetString(message.Body.Span));
                return Task.CompletedTask;
            },
            CancellationToken.None);
        var properties = new MessageProperties
        {
            CorrelationId = "1:embed",
            ReplyTo = "replies",
            ContentType = "application/json",
            Headers = new Dictionary<string, string> { ["batch"] = "2", ["attempt"] = "1" },
        };
        await bus.SendAsync([new OutgoingMessage("", "gpu-embedding", Encoding.UTF8.GetBytes(batch), properties)], CancellationToken.None);
        return await answered.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }
}
