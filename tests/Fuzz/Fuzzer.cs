using System.Diagnostics;
using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Millrace.Fuzz.Tests;

/// <summary>Throws inputs at a door until one breaks it; that one is then made as small as it still breaks.</summary>
internal sealed class Fuzzer(ITestOutputHelper output, FuzzSettings settings, TimeProvider clock)
{
    /// <summary>Fewer inputs say nothing about the share of those taken.</summary>
    private const int EnoughForShares = 100;

    private string? _hung;

    public Fuzzer(ITestOutputHelper output)
        : this(output, FuzzSettings.Read(Environment.GetEnvironmentVariable), TimeProvider.System)
    {
    }

    /// <param name="share">The door's part of all inputs.</param>
    /// <param name="leastTaken">A door that takes a smaller part of its inputs refuses what it should take, or is given nothing worth taking.</param>
    /// <param name="accepts">True if the input was taken, false if it was refused with a reason; throws on anything else.</param>
    public void Run<T>(string door, double share, double leastTaken, Arbitrary<T> inputs, Func<T, Task<bool>> accepts)
    {
        var count = Math.Max(1, (int)(settings.Inputs * share));
        var (taken, slowest, started) = (0, TimeSpan.Zero, Stopwatch.GetTimestamp());
        var config = Config.QuickThrowOnFailure.WithMaxTest(count).WithQuietOnSuccess(true)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd((ulong)settings.Seed, 1), FSharpOption<int>.None)));
        try
        {
            Check.One(config, Prop.ForAll(inputs, input =>
            {
                var begun = Stopwatch.GetTimestamp();
                if (Watch(door, input, accepts))
                    taken++;
                var spent = Stopwatch.GetElapsedTime(begun);
                slowest = spent > slowest ? spent : slowest;
            }));
        }
        catch (Exception) when (_hung is not null)
        {
            Assert.Fail(_hung);
        }
        Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"{door}: {count} inputs of seed {settings.Seed}, {taken} taken, {count - taken} refused with a reason, {count / Stopwatch.GetElapsedTime(started).TotalSeconds:F0} a second, the slowest {slowest.TotalMilliseconds:F0} ms"));
        Assert.True(
            count < EnoughForShares || taken >= count * leastTaken,
            $"{door} took {taken} of {count} inputs of seed {settings.Seed}; at least {leastTaken:P0} are good enough to be taken");
    }

    /// <summary>On a thread of its own, which an endless loop keeps; what comes after it, such as smaller inputs, is then not tried.</summary>
    private bool Watch<T>(string door, T input, Func<T, Task<bool>> accepts)
    {
        if (_hung is not null)
            return false;
        try
        {
            return Task.Run(() => accepts(input)).WaitAsync(settings.InputLimit, clock).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            _hung = $"{door} has not ended within {settings.InputLimit.TotalSeconds:0} s on an input of seed {settings.Seed}: {Show(input)}";
            Console.Error.WriteLine(_hung);
            throw;
        }
    }

    private static string Show<T>(T input) =>
        input is byte[] bytes ? $"{Convert.ToHexString(bytes)} '{Encoding.UTF8.GetString(bytes)}'" : $"{input}";

    private void Tell(string line)
    {
        output.WriteLine(line);
        if (settings.IsLong)
            Console.Error.WriteLine(line);
    }
}
