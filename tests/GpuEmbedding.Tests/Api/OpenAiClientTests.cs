using System.Diagnostics;
using Millrace.Testing;

namespace Millrace.GpuEmbedding.Tests.Api;

public sealed class OpenAiClientTests
{
    private const string Script = """
        const { OpenAI, BadRequestError } = require('openai');
        (async () => {
          const client = new OpenAI({ apiKey: 'none', baseURL: process.argv[2] + 'v1', maxRetries: 0 });
          const one = await client.embeddings.create({ model: 'any', input: 'the mill' });
          const many = await client.embeddings.create({ model: 'any', input: ['the race', 'the mill'], encoding_format: 'float' });
          const ids = await client.embeddings.create({ model: 'any', input: [[5, 6]], dimensions: 4 });
          let refused = '';
          try { await client.embeddings.create({ model: 'any', input: 'mill', dimensions: 999 }); }
          catch (error) { refused = error instanceof BadRequestError ? error.param : String(error); }
          const near = one.data[0].embedding.every((v, i) => Math.abs(v - many.data[1].embedding[i]) < 1e-6);
          console.log([one.data[0].embedding.length, near, ids.data[0].embedding.length, one.usage.prompt_tokens, refused].join(' '));
        })();
        """;

    [Fact]
    public async Task The_official_client_works_by_changing_its_base_url()
    {
        using var folder = new TemporaryFolder("openai");
        var (installed, problem) = await RunAsync(folder.Path, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "openai@6.49.0");
        Assert.SkipUnless(installed, $"npm cannot install the openai package: {problem}");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "client.cjs"), Script);
        await using var host = await EmbeddingHost.StartAsync();
        var (worked, output) = await RunAsync(folder.Path, "node", "client.cjs", host.Address.ToString());
        Assert.True(worked, output);
        Assert.Equal("16 true 4 4 dimensions", output.Trim());
    }

    private static async Task<(bool Worked, string Output)> RunAsync(string folder, string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode == 0, process.ExitCode == 0 ? output : output + await errors);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (false, missing.Message);
        }
    }
}
