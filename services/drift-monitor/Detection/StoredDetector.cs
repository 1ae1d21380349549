namespace Millrace.DriftMonitor.Detection;

/// <summary>A detector and how far the store is behind it. Not thread-safe: one caller at a time, and one save at a time.</summary>
internal sealed class StoredDetector(DriftDetector detector, PostLog log)
{
    private long _changes;
    private long _due;
    private long _saved;
    private long _tests;
    private long _savedTests;

    public DetectorState State => detector.State;

    /// <summary>Alarms that the store has, so that they may be sent: one that is sent first could be forgotten and found again.</summary>
    public IReadOnlyList<DriftAlarm> SavedAlarms { get; private set; } = detector.State.PendingAlarms;

    public bool HasChanged => _changes > _saved;

    /// <summary>True after so many posts, and at once after what must not be lost: a full reference, a test, an order from outside.</summary>
    public bool IsDue(int saveEveryPosts) => _changes - _saved >= saveEveryPosts || _due > _saved;

    public bool Has(string post) => State.Reference.Contains(post) || State.Current.Contains(post);

    public DriftTest? Observe(string post, float[] vector, DateTimeOffset now)
    {
        var wasFull = State.Reference.IsFull;
        var test = detector.Observe(post, vector, now);
        log.Append(new WatchedPost(State.Seen, post, vector));
        _tests += test is null ? 0 : 1;
        Change(isDue: test is not null || State.Reference.IsFull != wasFull);
        return test;
    }

    public bool AdoptCurrent()
    {
        if (!detector.AdoptCurrent())
            return false;
        Change(isDue: true);
        return true;
    }

    /// <summary>The broker has the alarm.</summary>
    public void Confirm(DriftAlarm alarm)
    {
        State.PendingAlarms = [.. State.PendingAlarms.Where(pending => pending.Id != alarm.Id)];
        SavedAlarms = [.. SavedAlarms.Where(pending => pending.Id != alarm.Id)];
        Change(isDue: true);
    }

    /// <summary>What to write, and what to call once it is written.</summary>
    public (DetectorSave Save, Action Saved) Snapshot()
    {
        var save = log.Snapshot(State, withTests: _tests > _savedTests);
        var (changes, tests) = (_changes, _tests);
        return (save, Saved);

        void Saved()
        {
            log.Saved(save);
            (_saved, _savedTests) = (changes, tests);
            SavedAlarms = [.. save.Alarms.Where(saved => State.PendingAlarms.Any(pending => pending.Id == saved.Id))];
        }
    }

    private void Change(bool isDue)
    {
        _changes++;
        if (isDue)
            _due = _changes;
    }
}
