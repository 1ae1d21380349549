using System.CommandLine;

namespace Millrace.Cli.Verbs.Bench;

/// <summary><c>millrace bench ...</c>: measurements, each beside a plain reference in the same run.</summary>
internal static class BenchVerb
{
    public static Command Create() => new("bench", "Measure, in one run beside a plain reference.")
    {
        BenchPipelineVerb.Create(),
        BenchRecoveryVerb.Create(),
        BenchEmbedVerb.Create(),
        BenchClassifyVerb.Create(),
        BenchDriftVerb.Create(),
        BenchEstimateVerb.Create(),
    };
}
