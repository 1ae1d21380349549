using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// Closing without waiting for good: after a lost connection the client's own closing may never return, and nothing of ours
/// may hang with it.
/// </summary>
internal static class Abandonment
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Task CloseAsync(IChannel channel) => WaitAsync(async () =>
    {
        await channel.CloseAsync();
        await channel.DisposeAsync();
    });

    public static Task CloseAsync(IConnection connection) => WaitAsync(async () =>
    {
        await connection.CloseAsync(200, "Goodbye", Patience, abort: true);
        await connection.DisposeAsync();
    });

    private static async Task WaitAsync(Func<Task> close)
    {
        // On a thread of its own: the client may also block.
        var closing = Task.Run(close);
        // Its exceptions say that it is closed already.
        _ = closing.ContinueWith(task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        await Task.WhenAny(closing, Task.Delay(Patience, TimeProvider.System));
    }
}
