using Microsoft.Extensions.Hosting;

namespace Millrace.Messaging;

/// <summary>Connects the bus before anything that is registered after it starts, and closes it after that has stopped.</summary>
internal sealed class BusConnector(IMessageBus bus) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => bus.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => bus.DisposeAsync().AsTask();
}
