using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Inference.Onnx;
using Millrace.Testing;

namespace Millrace.GpuEmbedding.Tests;

/// <summary>The service on a port of its own with a small model; other settings by the test.</summary>
internal sealed class EmbeddingHost : IAsyncDisposable
{
    public const int Width = 16;

    /// <summary>A word that the vocabulary has and the model's table has not: the runtime fails on it.</summary>
    public const string Breaking = "breaks";

    private readonly TemporaryFolder _folder;
    private readonly WebApplication _app;

    private EmbeddingHost(TemporaryFolder folder, WebApplication app, Uri address)
    {
        (_folder, _app, Address) = (folder, app, address);
        Client = new HttpClient { BaseAddress = address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<EmbeddingHost> StartAsync(params (string Name, string Value)[] settings)
    {
        var folder = new TemporaryFolder("embedding");
        WriteModel(Path.Combine(folder.Path, "tiny"));
        var address = new Uri($"http://127.0.0.1:{FreePorts.Take(1)[0]}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(address.ToString());
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Embedding:ModelFolder"] = Path.Combine(folder.Path, "tiny"),
            ["Embedding:Device"] = "cpu",
            ["Embedding:IntraOpThreads"] = "1",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Embedding:{setting.Name}", (string?)setting.Value)));
        builder.AddGpuEmbedding();
        var app = builder.Build();
        app.MapGpuEmbedding();
        await app.StartAsync();
        return new EmbeddingHost(folder, app, address);
    }

    public static void WriteModel(string folder)
    {
        Directory.CreateDirectory(folder);
        var words = new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "mill", "race", "turns", "water", "wheel", "stone", "corn" };
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), words.Append(Breaking));
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type":"bert","max_position_embeddings":64}""");
        File.WriteAllText(Path.Combine(folder, "config_sentence_transformers.json"), """{"prompts":{"query":"the mill "}}""");
        RandomEncoder.Write(Path.Combine(folder, "model.onnx"), new EncoderShape(1, Width, 2, words.Length, 64), seed: 3);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
