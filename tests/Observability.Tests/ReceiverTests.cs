using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Testing;
using Millrace.Testing.Otlp;

namespace Millrace.Observability.Tests;

public sealed class ReceiverTests
{
    private const string Key = "secret-key-of-this-test";

    private static readonly Counter<long> Counted = new Meter("Millrace.Observability.Tests").CreateCounter<long>("millrace.tests.counted");

    [Fact]
    public async Task Log_lines_and_spans_reach_Seq_with_the_request_id_and_the_key()
    {
        await using var seq = await OtlpReceiver.StartAsync();
        var requestId = Guid.NewGuid().ToString();

        await RunAsync(new() { ["Observability:SeqUrl"] = seq.Url, ["Observability:SeqKey"] = Key }, (logger, source) =>
        {
            using var parent = source.StartActivity("ingest");
            using var child = source.StartActivity("step");
            using (logger.BeginScope(new Dictionary<string, object> { ["RequestId"] = requestId }))
                logger.LogInformation("Dispatched {Step}", "embed");
        });

        var line = Assert.Single(seq.Logs, log => log.Attributes.Values.Contains(requestId));
        Assert.Equal(("Dispatched {Step}", "embed", "tests"), (line.Body, line.Attributes["Step"], line.Attributes["Service"]));
        var ingest = Assert.Single(seq.Spans, span => span.Name == "ingest");
        var step = Assert.Single(seq.Spans, span => span.Name == "step");
        Assert.Equal(ingest.SpanId, step.ParentSpanId);
        Assert.Equal(ingest.TraceId, line.TraceId);
        Assert.All(seq.Keys, key => Assert.Equal(Key, key));
        Assert.NotEmpty(seq.Keys);
    }

    [Fact]
    public async Task What_Seq_did_not_get_waits_in_the_buffer_folder_for_the_next_start()
    {
        var buffer = Directory.CreateTempSubdirectory("millrace-buffer-");
        try
        {
            var settings = new Dictionary<string, string?> { ["Observability:SeqBufferFolder"] = buffer.FullName };
            await RunAsync(new(settings) { ["Observability:SeqUrl"] = "http://127.0.0.1:9" }, (logger, _) => logger.LogInformation("While {Server} is away", "Seq"));
            await using var seq = await OtlpReceiver.StartAsync();
            await RunAsync(new(settings) { ["Observability:SeqUrl"] = seq.Url }, (logger, _) => logger.LogInformation("Here again"));
            Assert.Equal(["While {Server} is away", "Here again"], seq.Logs.Where(log => log.Attributes["SourceContext"] == "Millrace.Tests").Select(log => log.Body));
        }
        finally
        {
            buffer.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Metrics_and_without_Seq_log_lines_reach_the_OTLP_receiver()
    {
        await using var receiver = await OtlpReceiver.StartAsync();

        await RunAsync(new() { ["Observability:OtlpUrl"] = receiver.Url }, (logger, _) =>
        {
            Counted.Add(3);
            logger.LogInformation("Dispatched {Step}", "embed");
        });

        Assert.Contains("millrace.tests.counted", receiver.Metrics);
        Assert.Contains(receiver.Logs, log => log.Attributes.GetValueOrDefault("Step") == "embed");
    }

    [Fact]
    public async Task The_log_file_has_the_request_id_and_never_the_key()
    {
        var folder = Directory.CreateTempSubdirectory("millrace-logs-");
        try
        {
            await RunAsync(
                new() { ["Observability:LogFile"] = Path.Combine(folder.FullName, "log.txt"), ["Observability:SeqUrl"] = "http://127.0.0.1:9", ["Observability:SeqKey"] = Key },
                (logger, _) =>
                {
                    using (logger.BeginScope(new Dictionary<string, object> { ["RequestId"] = "r-1" }))
                        logger.LogWarning("Something about a request");
                });

            var text = string.Concat(folder.GetFiles().Select(file => File.ReadAllText(file.FullName)));
            Assert.Contains("Something about a request", text, StringComparison.Ordinal);
            Assert.Contains("r-1", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, text, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Nothing_that_is_logged_can_pass_for_another_line_of_the_log_file_and_Seq_has_it_as_it_was()
    {
        const string Forged = "post\n2026-01-01 00:00:00.000 +00:00 [INF] Millrace.Tests: All is well\u001b[2J\u009b\u2028";
        await using var seq = await OtlpReceiver.StartAsync();
        using var folder = new TemporaryFolder("logs");
        await RunAsync(
            new() { ["Observability:LogFile"] = Path.Combine(folder.Path, "log.txt"), ["Observability:SeqUrl"] = seq.Url },
            (logger, _) =>
            {
                using (logger.BeginScope(new Dictionary<string, object> { ["RequestId"] = Forged, ["Names"] = new[] { Forged } }))
                    logger.LogWarning(new InvalidDataException(Forged), "Something about {Key}", Forged);
            });

        var lines = File.ReadAllLines(Directory.GetFiles(folder.Path).Single());
        Assert.Contains("Something about post␊2026-01-01", Assert.Single(lines, line => !line.StartsWith("    ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("    System.IO.InvalidDataException: post", lines);
        Assert.DoesNotContain(string.Concat(lines), char.IsControl);
        Assert.Equal(Forged, Assert.Single(seq.Logs, log => log.Attributes.ContainsKey("Key")).Attributes["Key"]);
    }

    private static async Task RunAsync(Dictionary<string, string?> settings, Action<ILogger, ActivitySource> act)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings).AddInMemoryCollection([new("Observability:Console", "false"), new("Urls", "http://127.0.0.1:0")]);
        builder.AddObservability("tests");
        await using var app = builder.Build();
        app.MapObservability();
        await app.StartAsync();
        using var source = new ActivitySource("Millrace.Observability.Tests");
        act(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Millrace.Tests"), source);
        await app.StopAsync();
    }
}
