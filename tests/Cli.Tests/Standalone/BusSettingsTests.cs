using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Standalone;

namespace Millrace.Cli.Tests.Standalone;

/// <summary>The limits of the bus can be set, and nothing starts with some that can't be kept.</summary>
public sealed class BusSettingsTests
{
    [Fact]
    public async Task An_unknown_name_is_refused()
    {
        var refusal = await Assert.ThrowsAsync<ConfigurationException>(() => CreateAsync(ServiceNames.Preprocessing, ("Bus:MaxBodyByte", "2000000")));

        Assert.Contains("section Bus", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("MaxBodyByte", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_out_of_its_range_is_refused_when_the_bus_is_made()
    {
        await using var host = await CreateAsync(ServiceNames.Preprocessing, ("Bus:MaxInFlight", "0"));

        Assert.Throws<OptionsValidationException>(() => host.Services.GetRequiredService<IMessageBus>());
    }

    [Fact]
    public async Task A_manager_whose_messages_the_bus_would_not_take_is_refused_with_every_size()
    {
        var refusal = await Assert.ThrowsAsync<ConfigurationException>(() => CreateAsync(
            ServiceNames.WorkflowManager, ("Bus:MaxBodyBytes", "1000000"), ("Manager:BatchMaxBytes", "2000000")));

        Assert.Equal(2, refusal.Problems.Count);
        Assert.StartsWith("Manager:MaxMessageBytes is ", refusal.Problems[0], StringComparison.Ordinal);
        Assert.StartsWith("Manager:BatchMaxBytes is 2000000, and Bus:MaxBodyBytes 1000000", refusal.Problems[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fits_starts()
    {
        await using var host = await CreateAsync(
            ServiceNames.WorkflowManager, ("Bus:MaxBodyBytes", "2000000"), ("Manager:MaxMessageBytes", "1900000"), ("Manager:BatchMaxBytes", "1900000"));

        Assert.NotNull(host.Services.GetRequiredService<IMessageBus>());
    }

    private static Task<Microsoft.AspNetCore.Builder.WebApplication> CreateAsync(string service, params (string Name, string Value)[] settings) =>
        StandaloneHost.CreateAsync(
            new StandaloneOptions { Services = [service] },
            settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)),
            TestContext.Current.CancellationToken);
}
