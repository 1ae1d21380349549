using Microsoft.Extensions.Logging;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>Finishes resumes that have settled. It has a loop of its own: with many running requests one takes minutes.</summary>
internal sealed partial class ResumeLoop(Resumes resumes, TimeProvider clock, ILogger<ResumeLoop> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, clock, cancellationToken);
            try
            {
                await resumes.FinishAsync(cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // The notes are still there: this manager or another takes them up again.
                LogFailed(logger, failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A resume could not be finished; trying again")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
