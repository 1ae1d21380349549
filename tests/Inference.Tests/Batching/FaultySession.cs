using Millrace.Inference.Sessions;

namespace Millrace.Inference.Tests.Batching;

/// <summary>A device that fails as told. Its output for a text is one row with the text's first id.</summary>
internal sealed class FaultySession(string device = "test:0") : IModelSession
{
    private readonly List<int[]> _batches = [];
    private readonly List<(int Rows, int Width)> _shapes = [];
    private readonly ManualResetEventSlim _open = new(initialState: true);

    /// <summary>Padded tokens that fit; a larger batch is out of memory.</summary>
    public int MemoryTokens { get; init; } = int.MaxValue;

    /// <summary>A batch with this id throws.</summary>
    public int PoisonId { get; init; } = -1;

    /// <summary>A text with this id gets NaN.</summary>
    public int NanId { get; init; } = -1;

    public string Device => device;

    public bool IsDisposed { get; private set; }

    /// <summary>First ids of the texts of each batch that was tried.</summary>
    public IReadOnlyList<int[]> Batches
    {
        get
        {
            lock (_batches)
                return [.. _batches];
        }
    }

    /// <summary>Rows and width of each batch that was tried; for one thread.</summary>
    public IReadOnlyList<(int Rows, int Width)> Shapes => _shapes;

    public SemaphoreSlim Entered { get; } = new(0);

    public int ThreadId { get; private set; }

    public void Close() => _open.Reset();

    public void Open() => _open.Set();

    public ModelOutput Run(IReadOnlyList<int[]> rows)
    {
        ThreadId = Environment.CurrentManagedThreadId;
        lock (_batches)
        {
            _batches.Add([.. rows.Select(row => row[0])]);
            _shapes.Add((rows.Count, rows.Max(row => row.Length)));
        }
        Entered.Release();
        _open.Wait();
        if (rows.Max(row => row.Length) * rows.Count > MemoryTokens)
            throw new DeviceMemoryException(Device, rows.Count, rows.Max(row => row.Length));
        if (rows.Any(row => row[0] == PoisonId))
            throw new InvalidOperationException("poison");
        return new ModelOutput([.. rows.Select(row => row[0] == NanId ? float.NaN : row[0])], rows.Count, 1, 1);
    }

    public void Dispose() => IsDisposed = true;
}
