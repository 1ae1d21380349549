namespace Millrace.Contracts;

/// <summary>Marks a REST route whose answer may be long in coming, while the call holds a connection: it counts how many a caller has open.</summary>
/// <param name="WithQuery">Only calls with this name in their query wait; null: all do.</param>
public sealed record LongCall(string? WithQuery = null);
