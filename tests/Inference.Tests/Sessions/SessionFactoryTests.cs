using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Inference.Sessions;
using Millrace.Inference.Tests.Batching;

namespace Millrace.Inference.Tests.Sessions;

public sealed class SessionFactoryTests
{
    private readonly LevelLog _log = new();
    private readonly List<FaultySession> _opened = [];

    [Fact]
    public void Each_device_that_is_named_has_a_session()
    {
        var sessions = Open(new InferenceOptions { CudaDevices = [0, 2] }, new SessionFactory(hasCuda: true, _log));
        Assert.Equal(["cuda:0", "cuda:2"], sessions.Select(session => session.Device));
        Assert.Empty(_log.Levels);
    }

    [Theory]
    [InlineData(true, LogLevel.Warning)] // Somebody built it in and would like to know.
    [InlineData(false, LogLevel.Information)]
    public void Auto_takes_the_cpu_and_warns_if_cuda_is_built_in(bool hasCuda, LogLevel level)
    {
        var sessions = Open(new InferenceOptions(), new SessionFactory(hasCuda, _log), cudaWorks: _ => false);
        Assert.Equal("cpu", Assert.Single(sessions).Device);
        Assert.Equal([level], _log.Levels);
    }

    [Fact]
    public void Cuda_that_fails_is_an_error_and_nothing_stays_open()
    {
        var error = Assert.Throws<ConfigurationException>(() => Open(
            new InferenceOptions { Device = DeviceKind.Cuda, CudaDevices = [0, 1] }, new SessionFactory(hasCuda: true, _log), cudaWorks: number => number == 0));
        Assert.Contains("no driver", error.Message, StringComparison.Ordinal);
        Assert.Equal(["cuda:0", "cpu"], _opened.Select(session => session.Device));
        Assert.All(_opened, session => Assert.True(session.IsDisposed));
    }

    [Fact]
    public void A_model_that_the_cpu_cannot_load_either_is_what_is_wrong()
    {
        var error = Assert.Throws<ConfigurationException>(() => Open(
            new InferenceOptions { Device = DeviceKind.Cuda }, new SessionFactory(hasCuda: true, _log), cudaWorks: _ => false, cpuWorks: false));
        Assert.Equal("model.onnx is no model", error.Message);
    }

    private IReadOnlyList<IModelSession> Open(
        InferenceOptions options, SessionFactory factory, Func<int, bool>? cudaWorks = null, bool cpuWorks = true) => factory.Open(options, device =>
    {
        if (device.IsCuda && cudaWorks?.Invoke(device.Number) == false)
            throw new DeviceUnavailableException("no driver");
        if (!device.IsCuda && !cpuWorks)
            throw new ConfigurationException("model.onnx is no model");
        _opened.Add(new FaultySession(device.Name));
        return _opened[^1];
    });

    private sealed class LevelLog : ILogger
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Levels.Add(logLevel);
    }
}
