using System.Numerics.Tensors;
using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Offline;

/// <summary>Which rows of a file make it differ from another: where the witness function (Gretton et al., 2012) is largest.</summary>
internal sealed class Witness(VectorFile a, VectorFile b, RandomFeatures features)
{
    private const int MaxRows = 20_000;
    private const int MaxDriving = 10;

    /// <summary>Looks at evenly spread rows of each file, at most 20,000.</summary>
    public IReadOnlyList<DrivingRow> Driving(long rowsA, long rowsB)
    {
        var witness = new float[features.Length];
        TensorPrimitives.Subtract<float>(Mean(b, rowsB), Mean(a, rowsA), witness);
        return
        [
            .. b.Spread(MaxRows, rowsB)
                .Select(line => (line.Number, Row: b.ReadRow(line)))
                .Select(row => new DrivingRow(row.Number, row.Row.Name, TensorPrimitives.Dot<float>(features.Of(row.Row.Vector), witness)))
                .OrderByDescending(row => row.Witness)
                .Take(MaxDriving),
        ];
    }

    private float[] Mean(VectorFile file, long rows)
    {
        var samples = file.Read(file.Spread(MaxRows, rows), features.Dimensions);
        var sums = new FeatureSums(features, blocks: 1);
        sums.Add(samples.Rows(0, samples.Count));
        return sums.Mean();
    }
}
