namespace Millrace.Storage.Packing;

/// <summary>Times as microseconds since 1970 in UTC: what all adapters can hold exactly.</summary>
internal static class Micros
{
    public static long From(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static long? From(DateTimeOffset? time) => time is { } value ? From(value) : null;

    public static DateTimeOffset ToTime(long micros) =>
        new(DateTimeOffset.UnixEpoch.Ticks + (micros * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
