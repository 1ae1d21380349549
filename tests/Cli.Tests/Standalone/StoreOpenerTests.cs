using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Standalone;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Cli.Tests.Standalone;

/// <summary>A store that is away when a service starts is waited for; one that refuses the service is not.</summary>
public sealed class StoreOpenerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_that_starts_before_its_store_goes_on_once_that_is_there()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var wire = new TcpProxy(server.Port);
        wire.Cut();
        var starting = CreateAsync(server.Url().Replace($":{server.Port}/", $":{wire.Port}/", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Token);
        Assert.False(starting.IsCompleted);

        wire.Mend();

        await using var host = await starting.WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Empty(await host.Services.GetRequiredService<IMillraceStore>().Requests.CountAsync(Token));
    }

    [Fact]
    public async Task A_wrong_password_ends_the_start_at_once()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => CreateAsync(server.Url().Replace("secret", "guess", StringComparison.Ordinal)));

        Assert.Equal(StoreFailure.Configuration, refusal.Failure);
    }

    private static Task<WebApplication> CreateAsync(string storeUrl) =>
        StandaloneHost.CreateAsync(new StandaloneOptions { Services = [ServiceNames.WorkflowManager], StoreUrl = storeUrl }, [], Token);
}
