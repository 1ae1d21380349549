namespace Millrace.Storage.Sqlite;

/// <summary>
/// Names that many rows repeat, as small numbers. One instance a connection: numbers read or given in a transaction
/// that fails must be forgotten with it.
/// </summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, long> _numbers = [];
    private readonly Dictionary<long, string> _names = [];

    public const long Running = 1;

    /// <summary>The number of a name, given to it now if it is new.</summary>
    public long Number(SqliteDatabase database, string name)
    {
        if (_numbers.TryGetValue(name, out var known))
            return known;
        database.Use("INSERT INTO names (name) VALUES (?) ON CONFLICT DO NOTHING").Bind(1, name).Run();
        return Find(database, name)!.Value;
    }

    /// <summary>The number of a name; null if no row has ever used it.</summary>
    public long? Find(SqliteDatabase database, string name)
    {
        if (_numbers.TryGetValue(name, out var known))
            return known;
        using var statement = database.Use("SELECT no FROM names WHERE name = ?").Bind(1, name);
        if (!statement.Step())
            return null;
        Keep(statement.Int64(0), name);
        return statement.Int64(0);
    }

    public string Name(SqliteDatabase database, long number)
    {
        if (_names.TryGetValue(number, out var known))
            return known;
        using var statement = database.Use("SELECT name FROM names WHERE no = ?").Bind(1, number);
        if (!statement.Step())
            throw new StoreException(StoreFailure.Corrupt, $"The store names {number}, which it does not hold.");
        var name = statement.Text(0)!;
        Keep(number, name);
        return name;
    }

    public void Forget()
    {
        _numbers.Clear();
        _names.Clear();
    }

    private void Keep(long number, string name)
    {
        _numbers[name] = number;
        _names[number] = name;
    }
}
