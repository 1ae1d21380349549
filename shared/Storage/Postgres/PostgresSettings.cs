using Npgsql;

namespace Millrace.Storage.Postgres;

/// <summary>How connections are opened: what the URL says, and what a store for many managers asks of each session.</summary>
internal static class PostgresSettings
{
    // Compiling a query takes longer than any of these queries does. Their plans are kept, and made while the tables are small: what
    // is best then would read the whole of them later, so only the way by the indexes is left.
    private const string Plans = "-c jit=off -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    // A client that is gone without a word is found by its silence; the server's own defaults take two hours.
    private const string Silence =
        "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000";

    public static NpgsqlConnectionStringBuilder Read(string url, StoreOptions options)
    {
        var builder = PostgresUrl.Parse(url);
        builder.MaxAutoPrepare = 64;
        builder.AutoPrepareMinUsages = 2;
        builder.ApplicationName ??= "millrace";
        builder.IncludeErrorDetail = false;
        builder.Options = $"{Plans} {Silence} {Locks(options.BusyTimeoutMs)} {builder.Options}".TrimEnd();
        return builder;
    }

    /// <summary>
    /// Who is silent in the middle of a transaction loses it, and with it the locks, before those who wait for these give up. Between two
    /// statements of a transaction lies nothing but the way there and back.
    /// </summary>
    private static string Locks(int busyTimeoutMs) =>
        $"-c lock_timeout={busyTimeoutMs} -c idle_in_transaction_session_timeout={Math.Max(1, busyTimeoutMs / 2)}";
}
