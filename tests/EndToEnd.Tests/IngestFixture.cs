using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Testing;
using RabbitMQ.Client;

namespace Millrace.EndToEnd.Tests;

/// <summary>A broker, a store and files of several kinds, among them posts that stand in two of them.</summary>
public sealed class IngestFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("ingest");

    public RabbitMqNode Broker { get; private set; } = null!;

    /// <summary>Where ingests are called and remembered.</summary>
    public string Folder => _folder.Path;

    public async ValueTask InitializeAsync() => Broker = await RabbitMqNode.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (Broker is not null)
            await Broker.DisposeAsync();
        _folder.Dispose();
    }

    public Task<MillraceProcess> ServeAsync() => MillraceProcess.ServeAsync(
        "up", "--broker", Broker.Url, "--store", "sqlite:" + Path.Combine(Folder, "ingest.db"), "--workflows", Path.Combine(AppContext.BaseDirectory, "Workflows"),
        "--log-level", "Warning");

    public async Task<uint> QueuedAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(Broker.Url) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(Contracts.Wire.IngestQueue);
    }

    /// <summary>Posts that the interrupted ingest, of which there is one, has done; 0 before its first group.</summary>
    public int Done() => Directory.GetFiles(Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, ".millrace")).FullName), "ingest-*.json")
        .Select(path => (int)JsonNode.Parse(File.ReadAllText(path))!["done"]!).SingleOrDefault();

    public string WriteLines(string name, string prefix, int from, int count) =>
        Write(name, Enumerable.Range(from, count).Select(i => JsonSerializer.Serialize(new { uri = $"{prefix}:{i}", text = Text(i) })));

    public string WriteTable(string name, string prefix, int count) =>
        Write(name, ["uri,text,likes", .. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{prefix}:{i},\"{Text(i)}, \"\"said\"\" somebody\",{i}"))]);

    public string WriteFeed(string name, string prefix, int count) => Write(name,
    [
        JsonSerializer.Serialize(new
        {
            feed = Enumerable.Range(0, count).Select(i => new
            {
                post = new { uri = $"{prefix}:{i}", record = new { text = Text(i), createdAt = "2025-01-01T00:00:00Z" } },
            }),
            cursor = "next",
        }),
    ]);

    private string Write(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllLines(path, lines, new UTF8Encoding(false));
        return path;
    }

    private static string Text(int number) => $"Post number {number} about the weather in town {number % 97} written for a test";
}
