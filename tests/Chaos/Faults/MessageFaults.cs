using System.Collections.Concurrent;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Chaos.Tests.Faults;

internal static class MessageFaults
{
    private static readonly IReadOnlyList<(string Exchange, string RoutingKey, string Body)> Nonsense =
    [
        (Wire.IngestExchange, Ledger.Workflow, "{ broken"),
        (Wire.IngestExchange, Ledger.Workflow, """[1, "two"]"""),
        (Wire.IngestExchange, "nowhere", """{"uri":"x"}"""),
        ("", Wire.ReplyQueue, "who asked?"),
        ("", "preprocessing", "[[["),
    ];

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("messages come late, twice and in another order", 3, ShuffleAsync),
        Fault.Of("poison", 2, async (scene, cancellationToken) =>
        {
            for (var each = 0; each < 20; each++)
            {
                var (exchange, routingKey, body) = Nonsense[scene.Random.Next(Nonsense.Count)];
                await scene.Ledger.PoisonAsync(exchange, routingKey, body, cancellationToken);
            }
        }),
    ];

    /// <summary>Takes what comes to a queue for a moment, and puts it back shuffled, a part of it twice.</summary>
    private static async Task<string?> ShuffleAsync(Scene scene, CancellationToken cancellationToken)
    {
        string[] queues = [.. Enumerable.Range(0, scene.Suite.Managers.Count).Select(Wire.ReplyQueueOf), Wire.IngestQueue, .. NaughtyWorkers.Queues];
        var queue = queues[scene.Random.Next(queues.Length)];
        var held = new ConcurrentQueue<Held>();
        Held[] taken;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using (await scene.Bus.ConsumeAsync(
            new ConsumerOptions { Queue = queue, Prefetch = 200, Priority = 10 },
            (message, _) =>
            {
                var one = new Held(message);
                held.Enqueue(one);
                return one.PutBack.Task.WaitAsync(over.Token);
            },
            cancellationToken))
        {
            await scene.WaitAsync(500, 1_500, cancellationToken);
            taken = [.. held];
            try
            {
                await PutBackAsync(scene, queue, [.. taken.Select(each => each.Message)], cancellationToken);
                foreach (var each in taken)
                    each.PutBack.TrySetResult();
            }
            catch (IOException)
            {
                // The broker may have taken some of them: those are there twice.
            }
            // What came while the others were put back, or could not be put back, stays where it was.
            await over.CancelAsync();
        }
        return $"{taken.Length} of {queue}";
    }

    private static async Task PutBackAsync(Scene scene, string queue, IncomingMessage[] held, CancellationToken cancellationToken)
    {
        var copies = held.Concat(held.Where((_, index) => index % 5 == 0))
            .Select(message => new OutgoingMessage("", queue, message.Body, message.Properties)).ToArray();
        scene.Random.Shuffle(copies);
        if (queue == Wire.IngestQueue)
            copies = [.. copies.Select(copy => copy with { Exchange = Wire.IngestExchange, RoutingKey = Ledger.Workflow })];
        var outcomes = await scene.Bus.SendAsync(copies, cancellationToken);
        if (outcomes.Any(outcome => outcome.Kind != SendOutcomeKind.Confirmed))
            throw new IOException("the broker has not taken them");
    }

    /// <summary>A message in the hands of the one who shuffles, acknowledged once it has been put back.</summary>
    private sealed record Held(IncomingMessage Message)
    {
        public TaskCompletionSource PutBack { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
