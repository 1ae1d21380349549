using Microsoft.Extensions.Hosting;

namespace Millrace.Messaging.Workers;

/// <summary>A worker that is made when it starts, because its options are not known before.</summary>
internal sealed class LateWorker(Func<IHostedService> make) : IHostedService, IAsyncDisposable
{
    private IHostedService? _worker;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _worker = make();
        return _worker.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _worker?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_worker is IAsyncDisposable worker)
            await worker.DisposeAsync();
    }
}
