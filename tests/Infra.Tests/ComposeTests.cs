using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace Millrace.Infra.Tests;

/// <summary>The compose file holds the whole suite and no secret. No Docker engine is here to run it.</summary>
public sealed class ComposeTests
{
    private static readonly YamlNode Compose = Manifests.Read("docker-compose.yml")[0];

    [Fact]
    public void It_has_the_servers_and_every_service()
    {
        var services = ((YamlMappingNode)Compose.At("services")!).Children.Keys.Select(key => key.ToString()).ToArray();

        Assert.Superset(
            new HashSet<string> { "rabbitmq", "postgres", "mongodb", "seq", "workflow-manager", "preprocessing", "perspective-classifier", "gpu-embedding", "gpu-embedding-cuda", "drift-monitor" },
            services.ToHashSet());
        Assert.Equal("gpu", Compose.Text("services/gpu-embedding-cuda/profiles/0"));
    }

    [Fact]
    public void Compose_itself_takes_the_file()
    {
        var start = new ProcessStartInfo("docker-compose", ["--profile", "gpu", "--profile", "mongodb", "config", "--quiet"])
        {
            WorkingDirectory = Manifests.Root,
            RedirectStandardError = true,
            Environment = { ["MILLRACE_BROKER_PASSWORD"] = "secret", ["MILLRACE_STORE_PASSWORD"] = "secret", ["MILLRACE_KEY_SHA256"] = new string('a', 64) },
        };
        using var compose = Process.Start(start)!;
        var problems = compose.StandardError.ReadToEnd();
        compose.WaitForExit();

        Assert.True(compose.ExitCode == 0, problems);
    }

    [Fact]
    public void The_image_is_built_once_and_the_broker_keeps_its_name()
    {
        var services = ((YamlMappingNode)Compose.At("services")!).Children.Values;

        Assert.Single(services, service => service.At("build") is not null && service.At("build/args") is null);
        Assert.NotNull(Compose.Text("services/rabbitmq/hostname"));
    }

    [Theory]
    [InlineData("preprocessing")]
    [InlineData("perspective-classifier")]
    [InlineData("gpu-embedding")]
    [InlineData("drift-monitor")]
    public void The_manager_knows_where_each_service_is(string service)
    {
        var environment = Compose.At("services/workflow-manager/environment")!;
        var configuration = Manifests.Read("infra/kubernetes/base/config.yaml")[0].At("data")!;

        foreach (var place in (YamlNode[])[environment, configuration])
        {
            var number = Enumerable.Range(0, 4).Single(i => place.Text($"Directory__Services__{i}__Name") == service);
            Assert.Equal($"http://{service}:8080", place.Text($"Directory__Services__{number}__Url"));
        }
    }

    [Fact]
    public void Servers_have_health_checks_and_publish_only_on_loopback()
    {
        Assert.NotNull(Compose.At("services/rabbitmq/healthcheck"));
        Assert.NotNull(Compose.At("services/postgres/healthcheck"));
        Assert.NotNull(Compose.At("services/mongodb/healthcheck"));
        foreach (var service in ((YamlMappingNode)Compose.At("services")!).Children.Values)
        {
            foreach (var port in service.At("ports") as YamlSequenceNode ?? [])
                Assert.StartsWith("127.0.0.1:", port.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Passwords_come_from_the_environment()
    {
        var text = File.ReadAllText(Path.Combine(Manifests.Root, "docker-compose.yml"));

        Assert.Contains("amqp://millrace:${MILLRACE_BROKER_PASSWORD:?", text, StringComparison.Ordinal);
        Assert.Equal("${MILLRACE_STORE_PASSWORD:?set it in .env}", Compose.Text("x-service/environment/PGPASSWORD"));
        Assert.Equal("${MILLRACE_STORE_PASSWORD:?set it in .env}", Compose.Text("services/mongodb/environment/MONGO_INITDB_ROOT_PASSWORD"));
        Assert.DoesNotContain("guest:guest", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_runs_as_nobody_and_asks_itself_for_its_health()
    {
        var dockerfile = File.ReadAllText(Path.Combine(Manifests.Root, "infra", "docker", "Dockerfile"));

        Assert.Contains("\nUSER 10001\n", dockerfile, StringComparison.Ordinal);
        Assert.Contains("HEALTHCHECK", dockerfile, StringComparison.Ordinal);
        Assert.Contains("-p:Gpu=${GPU}", dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_asks_for_queues_that_outlive_a_node()
    {
        var dockerfile = File.ReadAllText(Path.Combine(Manifests.Root, "infra", "docker", "Dockerfile"));

        Assert.Contains("\nENV Bus__QueueType=Quorum\n", dockerfile, StringComparison.Ordinal);
        Assert.Contains("queue-type=quorum", Compose.Text("x-service/environment/MILLRACE_BROKER")!, StringComparison.Ordinal);
    }
}
