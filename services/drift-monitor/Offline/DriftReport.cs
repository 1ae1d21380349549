namespace Millrace.DriftMonitor.Offline;

/// <param name="RowsA">Vectors in the first file.</param>
/// <param name="Driving">The posts of the second file that are least like the first, worst first; empty without drift.</param>
public sealed record DriftReport(
    long RowsA, long RowsB, int Dimensions, string Method, double Mmd2, double EffectSize, double PValue, double Threshold, double Level,
    int Permutations, bool Drift, IReadOnlyList<DrivingRow> Driving);

/// <param name="Line">In the second file, from 1.</param>
/// <param name="Post">Its <c>uri</c>, <c>key</c> or <c>id</c>, or its line.</param>
/// <param name="Witness">How much more it is like the second file than like the first, as means of the kernel.</param>
public sealed record DrivingRow(long Line, string Post, double Witness);
