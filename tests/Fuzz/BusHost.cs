using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Messaging;
using Millrace.Storage;

namespace Millrace.Fuzz.Tests;

/// <summary>Services with their real consumers, over a bus and a store in memory.</summary>
internal sealed class BusHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly IMillraceStore _store;

    private BusHost(IHost host, IMillraceStore store, WatchedBus bus) => (_host, _store, Bus) = (host, store, bus);

    public WatchedBus Bus { get; }

    public static async Task<BusHost> StartAsync(Action<HostApplicationBuilder> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var bus = new WatchedBus(BusFactory.Create("memory:"));
        await bus.StartAsync(CancellationToken.None);
        var store = await StoreFactory.OpenAsync("memory:");
        builder.Services.AddLogging();
        builder.Services.AddSingleton<IMessageBus>(bus);
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton(TimeProvider.System);
        add(builder);
        var host = builder.Build();
        await host.StartAsync();
        return new BusHost(host, store, bus);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await Bus.DisposeAsync();
        await _store.DisposeAsync();
    }
}
