namespace Millrace.Chaos.Tests;

/// <summary>Posts without end: most over the broker, some over REST, some twice, some cancelled soon after.</summary>
internal sealed class Load(Scene scene, int seed)
{
    /// <summary>Not the scene's, whose draws must not depend on how fast this one is.</summary>
    private readonly Random _random = new(seed);

    private int _number;

    public async Task RunAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            try
            {
                await PublishAsync(_number++, enough);
            }
            catch (OperationCanceledException) when (enough.IsCancellationRequested)
            {
                // Perhaps it arrived and perhaps not; the ledger holds only what is sure.
            }
        }
    }

    private async Task PublishAsync(int number, CancellationToken enough)
    {
        if (number % 10 == 9)
            await scene.Ledger.PostAsync(number, AnyManager, enough);
        else
            await scene.Ledger.PublishAsync(number, enough);
        if (number % 17 == 0)
            await scene.Ledger.PublishAsync(number, enough);
        // One that has come far enough for its children to run.
        if (number % 20 == 19)
            await scene.Ledger.CancelAsync(number - 4, AnyManager(), enough);
        if (number % ChaosSettings.Burst == 0)
            await Task.Delay(ChaosSettings.Breath, scene.Time, enough);
    }

    private string AnyManager() => scene.Suite.Managers[_random.Next(scene.Suite.Managers.Count)].Url;
}
