using System.Globalization;
using Millrace.Testing;

namespace Millrace.Chaos.Tests;

/// <summary>How long and how hard: a short run by default, more by <c>millrace chaos</c>.</summary>
internal static class ChaosSettings
{
    /// <summary>The first seed; each run takes the next one, and a failing run names its own.</summary>
    public static int Seed { get; } = Read("MILLRACE_CHAOS_SEED", 1);

    /// <summary>Runs, on SQLite and on PostgreSQL in turn.</summary>
    public static int Runs { get; } = Read("MILLRACE_CHAOS_RUNS", 2);

    /// <summary>Runs go on until this many minutes have passed; 0: only as many runs as asked for.</summary>
    public static int Minutes { get; } = Read("MILLRACE_CHAOS_MINUTES", 0);

    /// <summary>Only breakages whose name holds this text are drawn; empty: all.</summary>
    public static string Only { get; } = Environment.GetEnvironmentVariable("MILLRACE_CHAOS_ONLY") ?? "";

    public static bool IsLong => Runs > 2 || Minutes > 0;

    public const int Faults = 5;

    /// <summary>A store for each seed in turn.</summary>
    public static StoreKind KindOf(int seed)
    {
        StoreKind[] kinds = MongoServer.IsThere ? [StoreKind.Postgres, StoreKind.Sqlite, StoreKind.Mongo] : [StoreKind.Postgres, StoreKind.Sqlite];
        return kinds[seed % kinds.Length];
    }

    /// <summary>On a store that several may use two, and three of every third such seed.</summary>
    public static int ManagersOf(int seed, StoreKind kind) =>
        kind == StoreKind.Sqlite ? 1 : seed / 2 % 3 == 0 ? ChaosPlace.MaxManagers : 2;

    /// <summary>In a long run every third seed is of the program that ships, in which nothing dies at a fail point.</summary>
    public static bool IsReleased(int seed) => IsLong && seed % 3 == 0 && File.Exists(MillraceProcess.ReleasedProgram);

    /// <summary>A run that gets fewer in shows nothing.</summary>
    public const int MinPosts = 50;

    /// <summary>How much longer the load may take for them once everything has been broken: this machine may be busy.</summary>
    public static TimeSpan LoadLimit { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Posts published in a burst, after which the load takes a breath.</summary>
    public const int Burst = 4;

    public static TimeSpan Breath { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After the last fault everything must have ended within this time.</summary>
    public static TimeSpan SettleLimit { get; } = TimeSpan.FromSeconds(120);

    /// <summary>Resident memory of a service at most.</summary>
    public const long MaxBytes = 600L * 1024 * 1024;

    /// <summary>Servers are used for this many runs before new ones are started.</summary>
    public const int RunsPerPlace = 12;

    private static int Read(string name, int otherwise)
    {
        if (Environment.GetEnvironmentVariable(name) is not { Length: > 0 } text)
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException($"{name} wants a whole number, not '{text}'");
    }
}
