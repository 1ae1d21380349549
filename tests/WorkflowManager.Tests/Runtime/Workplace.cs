using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.Testing;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>A bus in memory and a SQLite file, which outlive the managers that come and go on them.</summary>
internal sealed class Workplace : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("manager");

    private Workplace(IMessageBus bus, IMillraceStore store) => (Bus, Store) = (bus, store);

    public IMessageBus Bus { get; }

    public IMillraceStore Store { get; private set; }

    public static async Task<Workplace> OpenAsync()
    {
        var bus = BusFactory.Create("memory:");
        await bus.StartAsync(CancellationToken.None);
        return await OpenAsync(bus);
    }

    /// <param name="bus">Its own from now on.</param>
    public static async Task<Workplace> OpenAsync(IMessageBus bus)
    {
        var place = new Workplace(bus, null!);
        place.Store = await place.OpenStoreAsync();
        return place;
    }

    /// <summary>Another connection to the same file, as another process would have.</summary>
    public Task<IMillraceStore> OpenStoreAsync() => StoreFactory.OpenAsync("sqlite:" + Path.Combine(_folder.Path, "test.db"));

    public Task<TestManager> ManageAsync(params WorkflowDefinition[] workflows) => ManageAsync(new WorkflowManagerOptions { Workflows = workflows });

    public Task<TestManager> ManageAsync(WorkflowManagerOptions options, Failpoints? failpoints = null) => failpoints is null
        ? TestManager.StartAsync(Bus, Store, options)
        : TestManager.StartAsync(new FailingBus(Bus, failpoints), new FailingStore(Store, failpoints), options);

    public async Task<IReadOnlyList<Guid>> PublishAsync(string workflow, int count, int from = 0)
    {
        var posts = Enumerable.Range(from, count).Select(index => new JsonObject { ["uri"] = $"at://{index}" }).ToArray<JsonNode>();
        await Bus.PublishAsync(workflow, new JsonArray(posts));
        return [.. Enumerable.Range(from, count).Select(index => RequestIds.ForKey(workflow, $"at://{index}"))];
    }

    /// <summary>Damages, in the closed store's file, the length that stands before the body wherever it is stored, and opens the store again.</summary>
    public async Task DamageAsync(string body)
    {
        await Store.DisposeAsync();
        await DamageAsync(Path.Combine(_folder.Path, "test.db"), body);
        Store = await OpenStoreAsync();
    }

    /// <param name="path">Of the file of a store that is closed.</param>
    public static async Task DamageAsync(string path, string body)
    {
        var (file, wanted, struck) = (await File.ReadAllBytesAsync(path), Encoding.UTF8.GetBytes(body), 0);
        for (var at = file.AsSpan().IndexOf(wanted); at >= 0; struck++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at - 4), int.MaxValue);
            var next = file.AsSpan(at + 1).IndexOf(wanted);
            at = next < 0 ? -1 : at + 1 + next;
        }
        Assert.NotEqual(0, struck);
        await File.WriteAllBytesAsync(path, file);
    }

    /// <summary>Dead letters so far, by reason; they stay where they are read from only once.</summary>
    public async Task<string> NextDeadLetterAsync(CancellationToken cancellationToken)
    {
        var reason = new TaskCompletionSource<string>();
        await using var consumer = await Bus.ConsumeAsync(
            new ConsumerOptions { Queue = Wire.DeadLetterQueue, Prefetch = 1 },
            (message, _) =>
            {
                reason.TrySetResult(message.Properties.Headers[Wire.ReasonHeader]);
                return Task.CompletedTask;
            }, cancellationToken);
        return await reason.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.DisposeAsync();
        await Store.DisposeAsync();
        _folder.Dispose();
    }
}
