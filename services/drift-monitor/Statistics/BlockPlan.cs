namespace Millrace.DriftMonitor.Statistics;

/// <summary>
/// How two samples are cut into blocks of equally many rows, so that under no drift any choice of as many blocks is as likely to be
/// the first sample as the real one. Memory depends on the number of blocks, not on that of the rows.
/// </summary>
/// <param name="RowsPerBlock">Rows in every block of both samples; what is left of a sample, less than a block, is not used.</param>
/// <param name="First">Blocks of the first sample.</param>
/// <param name="Second">Blocks of the second sample.</param>
public sealed record BlockPlan(int RowsPerBlock, int First, int Second)
{
    /// <summary>Blocks of both samples together.</summary>
    public const int MaxBlocks = 512;

    /// <summary>
    /// Rows of the larger sample that are used for each row of the smaller. The statistic's noise goes with 1/n + 1/m, so all that
    /// further rows could take off it is a twentieth.
    /// </summary>
    public const int MaxRatio = 20;

    /// <exception cref="ArgumentException">A sample has fewer than two rows.</exception>
    public static BlockPlan For(long first, long second)
    {
        if (Math.Min(first, second) < 2)
            throw new ArgumentException("Each sample needs at least two rows.");
        var (n, m) = (Math.Min(first, MaxRatio * second), Math.Min(second, MaxRatio * first));
        var rows = (n + m + MaxBlocks - 1) / MaxBlocks;
        return new BlockPlan((int)rows, (int)(n / rows), (int)(m / rows));
    }
}
