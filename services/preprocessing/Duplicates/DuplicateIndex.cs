namespace Millrace.Preprocessing.Duplicates;

/// <summary>
/// Remembers recent posts, so many and so long. A post keeps the verdict it got when first seen, so that a step that
/// is tried again answers the same and no post is ever its own duplicate.
/// </summary>
internal sealed class DuplicateIndex(int capacity, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _byUri = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _byHash = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, Entry> _byBand = [];
    private readonly Queue<Entry> _oldestFirst = new();

    public int Count
    {
        get
        {
            lock (_lock)
                return _byUri.Count;
        }
    }

    /// <param name="nearness">The text's signature, or null when it is too short for one.</param>
    /// <param name="window">How long an earlier post counts.</param>
    /// <param name="similarity">Least likeness of near duplicates.</param>
    public DuplicateVerdict Register(string uri, string textHash, MinHash? nearness, TimeSpan window, double similarity)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            Forget(now - window);
            if (_byUri.TryGetValue(uri, out var seen) && seen.TextHash == textHash)
                return seen.Verdict;
            var verdict = Judge(uri, textHash, nearness, similarity);
            Remember(new Entry(uri, textHash, nearness, now, verdict));
            return verdict;
        }
    }

    private DuplicateVerdict Judge(string uri, string textHash, MinHash? nearness, double similarity)
    {
        var exact = _byHash.TryGetValue(textHash, out var first) && first.Uri != uri ? first.Uri : null;
        if (nearness is null || exact is not null)
            return exact is null ? DuplicateVerdict.None : new DuplicateVerdict(exact, exact, 1);
        var best = DuplicateVerdict.None;
        foreach (var key in nearness.BandKeys)
        {
            if (!_byBand.TryGetValue(key, out var candidate) || candidate.Uri == uri)
                continue;
            var likeness = nearness.Likeness(candidate.Nearness!);
            if (likeness >= similarity && likeness > best.Likeness)
                best = new DuplicateVerdict(null, candidate.Uri, likeness);
        }
        return best;
    }

    private void Remember(Entry entry)
    {
        // An edited post takes the place of its earlier text.
        if (_byUri.Remove(entry.Uri, out var earlier))
            Unlink(earlier);
        while (_byUri.Count >= capacity && _oldestFirst.TryDequeue(out var oldest))
            Drop(oldest);
        _byUri[entry.Uri] = entry;
        _byHash.TryAdd(entry.TextHash, entry);
        foreach (var key in entry.BandKeys)
            _byBand.TryAdd(key, entry);
        _oldestFirst.Enqueue(entry);
    }

    private void Forget(DateTimeOffset before)
    {
        while (_oldestFirst.TryPeek(out var oldest) && oldest.SeenAt < before)
            Drop(_oldestFirst.Dequeue());
    }

    private void Drop(Entry entry)
    {
        if (_byUri.TryGetValue(entry.Uri, out var current) && ReferenceEquals(current, entry))
            _byUri.Remove(entry.Uri);
        Unlink(entry);
    }

    private void Unlink(Entry entry)
    {
        if (_byHash.TryGetValue(entry.TextHash, out var first) && ReferenceEquals(first, entry))
            _byHash.Remove(entry.TextHash);
        foreach (var key in entry.BandKeys)
        {
            if (_byBand.TryGetValue(key, out var holder) && ReferenceEquals(holder, entry))
                _byBand.Remove(key);
        }
    }

    private sealed record Entry(string Uri, string TextHash, MinHash? Nearness, DateTimeOffset SeenAt, DuplicateVerdict Verdict)
    {
        public ReadOnlySpan<ulong> BandKeys => Nearness is null ? [] : Nearness.BandKeys;
    }
}
