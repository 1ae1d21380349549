using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Messaging.Workers;

namespace Millrace.Messaging.Tests.Workers;

public sealed class StepWorkerOptionsTests : StepWorkerTest
{
    [Fact]
    public void Bad_options_are_refused_at_once()
    {
        var services = new ServiceCollection();
        var error = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(
            () => services.AddStepHandler<Handler, In, Out>(Step, options => (options.MaxBatchItems, options.MaxConcurrentCalls) = (0, 5000)));
        Assert.Equal(2, error.Failures.Count());
    }

    [Fact]
    public async Task Options_that_are_asked_for_at_the_start_see_what_started_before_and_are_checked()
    {
        var started = new Earlier();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(Bus);
        builder.Services.AddSingleton(new Handler((_, _) => throw new InvalidOperationException()));
        builder.Services.AddHostedService(_ => started);
        builder.Services.AddStepHandler<Handler, In, Out>(Step, (_, options) => options.MaxConcurrentCalls = started.Calls);
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains(nameof(StepWorkerOptions.MaxConcurrentCalls), Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    /// <summary>A service that knows at its start what the worker needs.</summary>
    private sealed class Earlier : IHostedService
    {
        public int Calls { get; private set; } = 1;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Calls = 5_000;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
