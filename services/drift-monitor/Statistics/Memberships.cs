namespace Millrace.DriftMonitor.Statistics;

/// <summary>
/// Which rows count as the first sample: column 0 holds everyone, column 1 the real sample, every further column a random one of
/// the same size.
/// </summary>
internal sealed class Memberships
{
    public const int Everyone = 0;

    public const int Observed = 1;

    private readonly float[] _values;

    private Memberships(int rows, int columns)
    {
        Columns = columns;
        _values = new float[rows * columns];
    }

    public int Columns { get; }

    public static Memberships Draw(int first, int rows, int permutations, int seed)
    {
        var members = new Memberships(rows, permutations + 2);
        var order = Enumerable.Range(0, rows).ToArray();
        var random = new Random(seed);
        for (var row = 0; row < rows; row++)
            members[row, Everyone] = 1;
        for (var column = Observed; column < members.Columns; column++)
        {
            if (column > Observed)
                random.Shuffle(order);
            foreach (var row in order.AsSpan(0, first))
                members[row, column] = 1;
        }
        return members;
    }

    public ReadOnlySpan<float> Row(int row) => _values.AsSpan(row * Columns, Columns);

    public Panels PanelsOf(int fromRow, int count) => Panels.OfColumns(_values.AsSpan(fromRow * Columns, count * Columns), Columns);

    private float this[int row, int column]
    {
        set => _values[row * Columns + column] = value;
    }
}
