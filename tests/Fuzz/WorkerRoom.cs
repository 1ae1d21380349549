using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.GpuEmbedding;
using Millrace.Messaging;
using Millrace.PerspectiveClassifier;
using Millrace.Preprocessing;

namespace Millrace.Fuzz.Tests;

/// <summary>The three workers of the suite with their real models, and a reader of what they answer.</summary>
internal sealed class WorkerRoom : IAsyncDisposable
{
    public const string AnswerQueue = "fuzz-answers";

    public static readonly string[] Queues = ["preprocessing", "perspective-classifier", "gpu-embedding"];

    private readonly BusHost _host;
    private Exception? _fault;

    private WorkerRoom(BusHost host) => _host = host;

    public static async Task<WorkerRoom> StartAsync()
    {
        var room = new WorkerRoom(await BusHost.StartAsync(builder =>
        {
            builder.AddPreprocessing();
            builder.AddPerspectiveClassifier();
            builder.AddGpuEmbedding().AddEmbeddingWorker();
        }));
        await room._host.Bus.ConsumeAsync(new ConsumerOptions { Queue = AnswerQueue }, room.Read, CancellationToken.None);
        return room;
    }

    /// <returns>True if the message was acknowledged, false if it was refused with a reason.</returns>
    public async Task<bool> TryAsync(string exchange, string queue, AmqpInput input)
    {
        var isTaken = await _host.Bus.TryAsync(new OutgoingMessage(exchange, queue, input.Body, input.Read()));
        Assert.Null(_fault);
        return isTaken;
    }

    /// <summary>Every worker still works, whatever came before.</summary>
    public async Task CheckAsync()
    {
        foreach (var queue in Queues)
        {
            var properties = new MessageProperties { CorrelationId = $"{Guid.NewGuid()}:good", ReplyTo = AnswerQueue };
            Assert.True(await _host.Bus.TryAsync(new OutgoingMessage(
                "", queue, """{"uri":"at://good","text":"This one is as good as any other."}"""u8.ToArray(), properties)));
        }
        Assert.Null(_fault);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private Task Read(IncomingMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            Check(answer);
        }
        catch (Exception fault)
        {
            // Told with the input that caused it; thrown here it would only be delivered again.
            var error = answer.Properties.Headers.GetValueOrDefault(Wire.ErrorHeader);
            _fault ??= new InvalidOperationException($"a worker answered '{error ?? Encoding.UTF8.GetString(answer.Body.Span)}'", fault);
        }
        return Task.CompletedTask;
    }

    private static void Check(IncomingMessage answer)
    {
        if (answer.Properties.Headers.TryGetValue(Wire.ErrorHeader, out var header))
            CheckError(JsonDocument.Parse(header).RootElement);
        else if (!answer.Body.IsEmpty)
        {
            using var body = JsonDocument.Parse(answer.Body);
            if (body.RootElement.ValueKind != JsonValueKind.Array)
                return;
            foreach (var item in body.RootElement.EnumerateArray().Where(item => item.TryGetProperty("error", out _)))
                CheckError(item.GetProperty("error"));
        }
    }

    /// <summary>An input is never the reason for which a handler throws: the same would happen at each of its attempts.</summary>
    private static void CheckError(JsonElement error)
    {
        Assert.DoesNotContain("Exception", error.GetProperty("type").GetString()!, StringComparison.Ordinal);
        Assert.True(error.GetProperty("message").GetString()!.Length > 5);
    }
}
