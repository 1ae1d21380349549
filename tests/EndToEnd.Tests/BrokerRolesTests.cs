using System.Diagnostics;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>The suite as users of the broker that may do no more than infra/rabbitmq gives them.</summary>
public sealed class BrokerRolesTests
{
    private const string Password = "password-of-this-test";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Each_role_can_do_its_work_and_no_more()
    {
        using var folder = new TemporaryFolder("roles");
        await using var broker = await RabbitMqNode.StartAsync();
        await ImportRolesAsync(broker, folder);
        // Those who may not make what all share come first, and find it.
        await using var worker = await MillraceProcess.ServeAsync("run", "preprocessing", "--broker", Url(broker, "worker") + "?queue-type=quorum");
        await using var drift = await MillraceProcess.ServeAsync(
            "run", "drift-monitor", "--broker", Url(broker, "drift") + "?queue-type=quorum", "--store", "sqlite:" + Path.Combine(folder.Path, "drift.db"));
        await using var manager = await MillraceProcess.ServeAsync(
            "run", "workflow-manager", "--broker", Url(broker, "manager") + "?queue-type=quorum", "--store", "sqlite:" + Path.Combine(folder.Path, "roles.db"),
            "--workflows", Path.Combine(AppContext.BaseDirectory, "Workflows"));
        using var client = new ManagerClient(manager.Url);

        var posts = Path.Combine(folder.Path, "posts.jsonl");
        await File.WriteAllTextAsync(posts, """{"uri":"1","text":"A post by one who may only publish."}""");
        var (code, output, error) = await MillraceProcess.RunAsync(
            ["ingest", posts, "--workflow", "clean-post", "--broker", Url(broker, "publisher")], folder.Path);
        Assert.True(code == 0, output + error);
        await ManagerClient.EventuallyAsync(
            async () => await client.CountAsync("clean-post", "completed") == 1, Limit, () => Task.FromResult(manager.Log + worker.Log));

        await AssertRefusedAsync(broker, "publisher", "amqp-declare-queue", "-q", "of-my-own");
        await AssertRefusedAsync(broker, "publisher", "amqp-get", "-q", "preprocessing");
        await AssertRefusedAsync(broker, "worker", "amqp-get", "-q", "dead-letter");
        await AssertRefusedAsync(broker, "worker", "amqp-declare-queue", "-q", "of-my-own");
        await AssertRefusedAsync(broker, "drift", "amqp-get", "-q", "preprocessing");
        foreach (var (user, queue) in ((string, string)[])[("worker", "dead-letter"), ("drift", "dead-letter"), ("drift", "preprocessing"), ("worker", "drift-monitor")])
            await AssertRefusedAsync(broker, user, "amqp-delete-queue", "-q", queue);

        // What each may publish is said here so that what it may not is known to be refused for the place and not for the way of asking.
        foreach (var (user, exchange) in ((string, string)[])[("publisher", "ingest"), ("drift", "results"), ("worker", ""), ("drift", "")])
            Assert.Equal("", await PublishAsync(broker, user, exchange));
        foreach (var (user, exchange) in Forbidden)
            Assert.Contains("ACCESS_REFUSED", await PublishAsync(broker, user, exchange), StringComparison.Ordinal);
    }

    /// <summary>The empty name is the default exchange, which leads to every queue.</summary>
    private static (string User, string Exchange)[] Forbidden =>
    [
        ("publisher", ""), ("publisher", "results"), ("publisher", "cancellations"),
        ("worker", "ingest"), ("worker", "results"), ("worker", "cancellations"),
        ("drift", "ingest"), ("drift", "cancellations"),
    ];

    private static string Url(RabbitMqNode broker, string user) => $"amqp://{user}:{Password}@127.0.0.1:{broker.Port}/millrace";

    private static async Task ImportRolesAsync(RabbitMqNode broker, TemporaryFolder folder)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "infra/rabbitmq/make-definitions.sh")]) { RedirectStandardOutput = true };
        foreach (var role in (string[])["MANAGER", "WORKER", "PUBLISHER", "DRIFT"])
            start.Environment[role + "_PASSWORD"] = Password;
        using var script = Process.Start(start)!;
        var definitions = Path.Combine(folder.Path, "definitions.json");
        await File.WriteAllTextAsync(definitions, await script.StandardOutput.ReadToEndAsync());
        await script.WaitForExitAsync();
        await broker.ControlAsync(["import_definitions", definitions]);
    }

    private static async Task AssertRefusedAsync(RabbitMqNode broker, string user, string program, params string[] arguments) =>
        Assert.Contains("ACCESS_REFUSED", await RunAsync(broker, user, program, arguments), StringComparison.Ordinal);

    private static Task<string> PublishAsync(RabbitMqNode broker, string user, string exchange) =>
        RunAsync(broker, user, "amqp-publish", "-e", exchange, "-r", "dead-letter", "-b", "{}");

    /// <returns>What the program complains of.</returns>
    private static async Task<string> RunAsync(RabbitMqNode broker, string user, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, ["-u", Url(broker, user), .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return error;
    }
}
