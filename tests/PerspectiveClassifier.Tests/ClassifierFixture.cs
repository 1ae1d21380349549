using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Inference;
using Millrace.Messaging;

namespace Millrace.PerspectiveClassifier.Tests;

/// <summary>Parts that the tests of several rooms need.</summary>
internal static class ClassifierFixture
{
    public static ClassifierMetrics Metrics { get; } =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    public static InferenceOptions Cpu { get; } = new() { Device = DeviceKind.Cpu, IntraOpThreads = 1 };

    /// <summary>The whole service on a free port of 127.0.0.1, with an in-memory bus.</summary>
    public static async Task<WebApplication> StartAsync(
        Dictionary<string, string?> settings, bool denied = false, ILoggerProvider? logs = null, Action<IServiceCollection>? more = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.ClearProviders();
        if (logs is not null)
            builder.Logging.AddProvider(logs);
        builder.Services.AddMessageBus("memory:");
        builder.AddPerspectiveClassifier(Cpu);
        more?.Invoke(builder.Services);
        var authorization = builder.Services.AddAuthorizationBuilder();
        foreach (var role in AccessRoles.All)
            authorization.AddPolicy(role, policy => policy.RequireAssertion(_ => !denied));
        var app = builder.Build();
        app.UseAuthorization();
        app.MapPerspectiveClassifier();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    public static Uri BaseUrl(this WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
}
