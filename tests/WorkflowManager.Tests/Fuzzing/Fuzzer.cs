using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Millrace.WorkflowManager.Tests.Fuzzing;

/// <summary>Throws inputs at a door until one breaks it; that one is then made as small as it still breaks.</summary>
internal sealed class Fuzzer(ITestOutputHelper output)
{
    /// <param name="share">The door's part of all inputs.</param>
    /// <param name="accepts">True if the input was taken, false if it was refused with a reason; throws on anything else.</param>
    public void Run<T>(string door, double share, Arbitrary<T> inputs, Func<T, bool> accepts)
    {
        var count = Math.Max(1, (int)(FuzzSettings.Inputs * share));
        var (taken, slowest, started) = (0, TimeSpan.Zero, Stopwatch.GetTimestamp());
        var config = Config.QuickThrowOnFailure.WithMaxTest(count).WithQuietOnSuccess(true)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd((ulong)FuzzSettings.Seed, 1), FSharpOption<int>.None)));
        Check.One(config, Prop.ForAll(inputs, input =>
        {
            var begun = Stopwatch.GetTimestamp();
            if (accepts(input))
                taken++;
            var spent = Stopwatch.GetElapsedTime(begun);
            slowest = spent > slowest ? spent : slowest;
            Assert.True(spent < FuzzSettings.InputLimit, $"an input took {spent}");
        }));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var line = string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{door}: {count} inputs of seed {FuzzSettings.Seed}, {taken} taken, {count - taken} refused with a reason, {count / seconds:F0} a second, the slowest {slowest.TotalMilliseconds:F0} ms");
        output.WriteLine(line);
        if (FuzzSettings.Inputs > 100_000)
            Console.Error.WriteLine(line);
    }
}
