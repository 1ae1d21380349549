using System.Security.Cryptography;
using System.Text;
using Millrace.Inference.Models;

namespace Millrace.GpuEmbedding;

/// <summary>Vectors of texts seen lately, by a hash of the text and all that shapes the vector. The one unused longest goes first.</summary>
public sealed class VectorCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, Embedding Value)>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, Embedding Value)> _byUse = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    public static string KeyOf(string text, string modelRevision, EmbedOptions options)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return $"{Convert.ToHexStringLower(hash)}:{modelRevision}:{options.Dimensions}:{options.Prompt}";
    }

    public Embedding? Find(string key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
                return null;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Value;
        }
    }

    public void Keep(string key, Embedding value)
    {
        if (capacity == 0)
            return;
        lock (_lock)
        {
            if (_entries.ContainsKey(key))
                return;
            if (_entries.Count >= capacity)
            {
                _entries.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }
            _entries[key] = _byUse.AddFirst((key, value));
        }
    }
}
