using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Millrace.Testing;

namespace Millrace.PerspectiveClassifier.Tests.Api;

/// <summary>Clients that people use with Perspective, as they are published; only the address they call is another.</summary>
public sealed class UnmodifiedClientTests : IAsyncLifetime
{
    private const string Python = """
        import json, sys
        from googleapiclient import discovery, errors
        client = discovery.build("commentanalyzer", "v1alpha1", developerKey="any",
            discoveryServiceUrl=sys.argv[1] + "/$discovery/rest?version=v1alpha1")
        call = lambda text, name: client.comments().analyze(body={
            "comment": {"text": text}, "languages": ["en"], "requestedAttributes": {name: {}}}).execute()
        score = call("you idiot", "TOXICITY")["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
        try:
            call("hello", "SPAM")
        except errors.HttpError as error:
            refusal = json.loads(error.content)["error"]["details"][0]["errorType"]
        token = client.comments().suggestscore(body={
            "comment": {"text": "hello"}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}}, "clientToken": "t"}).execute()["clientToken"]
        print(json.dumps({"score": score, "refusal": refusal, "token": token}))
        """;

    private const string Node = """
        const axios = require('axios');
        axios.interceptors.request.use(call => ({...call, url: call.url.replace('https://commentanalyzer.googleapis.com', process.argv[2])}));
        const Perspective = require('perspective-api-client');
        const client = new Perspective({apiKey: 'any'});
        (async () => {
          const found = await client.analyze('you idiot, why would you do that to all of them', {attributes: ['toxicity', 'profanity']});
          const refusal = await client.analyze('hello', {attributes: ['spam']}).catch(error => error.response.data.error.details[0].errorType);
          console.log(JSON.stringify({score: found.attributeScores.TOXICITY.summaryScore.value, refusal}));
        })();
        """;

    private readonly TemporaryFolder _folder = new("perspective-clients");
    private WebApplication _app = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _app = await ClassifierFixture.StartAsync(new() { ["Classifier:Instances:local:Model"] = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model")) });

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Googles_Python_client_works_by_its_discovery_address()
    {
        await DebianPackage.InstallAsync("python3-googleapi", "/usr/lib/python3/dist-packages/googleapiclient/discovery.py", Cancel);

        var said = await RunAsync("/usr/bin/python3", [Write("client.py", Python), Address]);

        Assert.Equal(TinyClassifier.High, said.GetProperty("score").GetDouble(), 3);
        Assert.Equal("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", said.GetProperty("refusal").GetString());
        Assert.Equal("t", said.GetProperty("token").GetString());
    }

    [Fact]
    public async Task The_npm_client_works_by_another_address()
    {
        Assert.SkipUnless(await HasNpmAsync(), "npm is not installed.");
        await StartAsync("npm", ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "perspective-api-client@3.1.0"]);

        var said = await RunAsync("node", [Write("client.cjs", Node), Address]);

        Assert.Equal(TinyClassifier.High, said.GetProperty("score").GetDouble(), 3);
        Assert.Equal("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", said.GetProperty("refusal").GetString());
    }

    private string Address => _app.BaseUrl().ToString().TrimEnd('/');

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<bool> HasNpmAsync()
    {
        try
        {
            await StartAsync("npm", ["--version"]);
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private async Task<JsonElement> RunAsync(string program, string[] arguments) => JsonDocument.Parse(await StartAsync(program, arguments)).RootElement;

    private async Task<string> StartAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        })!;
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, $"{program}: {await errors}");
        return output;
    }
}
