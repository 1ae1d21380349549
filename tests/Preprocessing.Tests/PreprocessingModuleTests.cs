using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Preprocessing.Tests;

public sealed class PreprocessingModuleTests
{
    [Fact]
    public async Task The_handler_gives_one_result_an_input_in_order()
    {
        await using var app = Build([]);
        var handler = app.Services.GetRequiredService<PreprocessingHandler>();
        using var batch = JsonDocument.Parse("""[{"uri":"a","text":"good morning everyone"},{"uri":"b"},{"uri":"c","text":"good morning everyone"}]""");

        var results = await handler.HandleAsync([.. batch.RootElement.EnumerateArray()], TestContext.Current.CancellationToken);

        Assert.True(Assert.IsType<StepResult<PreprocessedPost>.Completed>(results[0]).Output.Keep);
        Assert.Equal("TEXT_MISSING", Assert.IsType<StepResult<PreprocessedPost>.Failed>(results[1]).Error.Type);
        Assert.False(Assert.IsType<StepResult<PreprocessedPost>.Completed>(results[2]).Output.Keep);
    }

    [Fact]
    public async Task The_rules_in_force_are_shown()
    {
        await using var app = Build([]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };

        var view = await client.GetFromJsonAsync<JsonElement>("/api/preprocessing", TestContext.Current.CancellationToken);

        Assert.Equal("default", view.GetProperty("ruleSet").GetProperty("name").GetString());
        Assert.Equal(8, view.GetProperty("rules").GetArrayLength());
    }

    [Fact]
    public void Wrong_options_are_refused_all_at_once()
    {
        var wrong = Assert.Throws<ConfigurationException>(() => Build(new()
        {
            ["Preprocessing:RulesPath"] = "/nowhere/rules.yaml",
            ["Preprocessing:DuplicateCapacity"] = "0",
        }));

        Assert.Equal(2, wrong.Problems.Count);
    }

    private static WebApplication Build(Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.ClearProviders();
        builder.Services.AddMessageBus("memory:");
        builder.AddPreprocessing();
        builder.Services.AddAuthorizationBuilder().AddPolicy(AccessRoles.Read, policy => policy.RequireAssertion(_ => true));
        var app = builder.Build();
        app.UseAuthorization();
        app.MapPreprocessing();
        return app;
    }
}
