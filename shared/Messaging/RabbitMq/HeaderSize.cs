using System.Collections;
using System.Text;
using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>How many bytes headers take on the wire, rounded up. They travel in one frame, tables within tables included.</summary>
internal static class HeaderSize
{
    /// <summary>Brokers allow frames of at least this size and a margin.</summary>
    public const int Max = 64 * 1024;

    /// <summary>The longest of what has one length, with its type.</summary>
    private const int Scalar = 16;

    public static int Of(string name, object? value) => Encoding.UTF8.GetByteCount(name) + Of(value);

    private static int Of(object? value) => Scalar + value switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        byte[] bytes => bytes.Length,
        BinaryTableValue binary => binary.Bytes?.Length ?? 0,
        IDictionary<string, object?> table => table.Sum(pair => Of(pair.Key, pair.Value)),
        IEnumerable list => list.Cast<object?>().Sum(Of),
        _ => 0,
    };
}
