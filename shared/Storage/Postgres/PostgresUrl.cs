using Npgsql;

namespace Millrace.Storage.Postgres;

/// <summary>Reads <c>postgres://user:password@host:port/database?option=value</c>; options are Npgsql's, such as <c>SslMode</c>.</summary>
internal static class PostgresUrl
{
    private static readonly (string Name, string Why)[] Ours =
    [
        ("Maximum Pool Size", "set Store:ReadConnections, Store:ViewConnections and Store:WriteConnections"),
        ("Minimum Pool Size", "connections are opened when they are needed"),
        ("Multiplexing", "a transaction needs a connection of its own"),
        ("Max Auto Prepare", "Millrace's statements are prepared as it needs them"),
        ("Auto Prepare Min Usages", "Millrace's statements are prepared as it needs them"),
        ("Include Error Detail", "it would write payloads into logs"),
    ];

    public static NpgsqlConnectionStringBuilder Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.AbsolutePath.Trim('/').Length == 0)
            throw Bad("it must read postgres://USER:PASSWORD@HOST:PORT/DATABASE");
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port > 0 ? uri.Port : NpgsqlConnection.DefaultPort,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/')),
            // A server that is gone without a word shows within half a minute, also on a connection that nobody uses.
            TcpKeepAlive = true,
            TcpKeepAliveTime = 15,
            TcpKeepAliveInterval = 5,
        };
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1)
            builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (var option in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            SetOption(builder, option.Split('=', 2));
        foreach (var (name, why) in Ours)
        {
            if (builder.ShouldSerialize(name))
                throw Bad($"'{name}' is not for the URL: {why}");
        }
        if (builder.CommandTimeout == 0)
            throw Bad("'Command Timeout=0' would wait for ever for a server that is gone; give it seconds, such as 30");
        return builder;
    }

    private static void SetOption(NpgsqlConnectionStringBuilder builder, string[] option)
    {
        try
        {
            builder[Uri.UnescapeDataString(option[0])] = Uri.UnescapeDataString(option.ElementAtOrDefault(1) ?? "");
        }
        catch (Exception error) when (error is ArgumentException or KeyNotFoundException or FormatException)
        {
            throw Bad($"the option '{option[0]}' or its value is unknown");
        }
    }

    private static StoreException Bad(string why) => new(StoreFailure.Configuration, $"The PostgreSQL URL is wrong: {why}.");
}
