using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Standalone;

/// <summary>Opens the store before anything starts that needs it. One that is away is waited for, as the broker is; one that refuses us is not.</summary>
internal sealed partial class StoreOpener(string url, StoreOptions limits, TimeProvider clock, ILogger<StoreOpener> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private IMillraceStore? _store;

    /// <summary>The container, which is asked for it first when all is built, disposes of it last.</summary>
    public IMillraceStore Store => _store ?? throw new InvalidOperationException("The store is not open yet.");

    /// <exception cref="StoreException">It will not open however long one waits.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        while (_store is null)
        {
            try
            {
                _store = await StoreFactory.OpenAsync(url, limits, cancellationToken);
            }
            catch (StoreException away) when (away.Failure == StoreFailure.Unavailable)
            {
                LogAway(logger, away.Message, Pause.TotalSeconds);
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store can't be opened: {Reason} Nothing starts before it is; trying again every {Seconds} s")]
    private static partial void LogAway(ILogger logger, string reason, double seconds);
}
