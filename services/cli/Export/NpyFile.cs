using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Millrace.Cli.Export;

/// <summary>
/// Writes rows of floats as a NumPy array, format version 1.0 (numpy.lib.format): the header is written last, once the number of
/// rows is known, into room that was left for it.
/// </summary>
internal sealed class NpyFile : IDisposable
{
    private const int HeaderBytes = 128;

    private readonly FileStream _file;
    private int _columns;

    public NpyFile(string path)
    {
        _file = File.Create(path);
        _file.SetLength(HeaderBytes);
        _file.Position = HeaderBytes;
    }

    public int Rows { get; private set; }

    /// <returns>False if the row has another length than those before; it is not written.</returns>
    public bool TryAdd(ReadOnlySpan<float> row)
    {
        _columns = Rows == 0 ? row.Length : _columns;
        if (row.Length != _columns)
            return false;
        _file.Write(MemoryMarshal.AsBytes(row));
        Rows++;
        return true;
    }

    public void Dispose()
    {
        var shape = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({Rows}, {_columns}), }}");
        var header = new byte[HeaderBytes];
        ((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, HeaderBytes - 10, 0]).CopyTo(header);
        header.AsSpan(10).Fill((byte)' ');
        Encoding.ASCII.GetBytes(shape, header.AsSpan(10));
        header[^1] = (byte)'\n';
        _file.Position = 0;
        _file.Write(header);
        _file.Dispose();
    }
}
