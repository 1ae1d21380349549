using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Properties;

/// <summary>
/// Random workflows in a random world. MILLRACE_SOAK_SECONDS (2; <c>millrace soak</c>) and MILLRACE_PROPERTY_RUNS (300) let it run longer,
/// or shorter.
/// </summary>
public sealed class AnyWeatherTests(ITestOutputHelper output)
{
    private static readonly Weather Storm = new(Loss: 20, Twice: 25, Trouble: 25, Late: 20);
    private static readonly Weather Hands = Storm with { Hands = 10 };
    private static readonly Config Settings = Config.QuickThrowOnFailure.WithMaxTest(Number("MILLRACE_PROPERTY_RUNS", 300)).WithQuietOnSuccess(true);

    [Fact]
    public void Any_order_of_replies_ends_the_same() => Hold(seed => AssertSame(seed, Weather.Fair));

    [Fact]
    public void Lost_and_repeated_messages_failures_throttles_and_repeated_effects_end_the_same() => Hold(seed => AssertSame(seed, Storm));

    [Fact]
    public void Whatever_an_operator_cancels_restarts_and_pauses_ends_the_same_once_it_is_redriven() => Hold(seed => AssertSame(seed, Hands));

    [Fact]
    public void The_result_is_what_a_plain_recursion_over_the_definition_gives() => Hold(seed => AssertModel(seed, Run(seed, seed, Storm)));

    [Fact]
    public void A_long_soak_finds_nothing()
    {
        var end = TimeProvider.System.GetTimestamp() + (Number("MILLRACE_SOAK_SECONDS", 2) * TimeProvider.System.TimestampFrequency);
        var first = Environment.TickCount;
        var seed = first;
        for (; TimeProvider.System.GetTimestamp() < end; seed++)
        {
            var random = new Random(seed);
            var weather = new Weather(random.Next(60), random.Next(60), random.Next(60), random.Next(2) * random.Next(30), random.Next(60));
            var failure = Record.Exception(() => AssertModel(seed, AssertSame(seed, weather)));
            Assert.True(failure is null, $"seed {seed}, {weather}: {failure}");
        }
        output.WriteLine($"{seed - first} workflows, seeds {first} to {seed - 1}");
    }

    private static int Number(string variable, int preset) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : preset;

    private static void Hold(Action<int> property) =>
        Check.One(Settings, Prop.ForAll(ArbMap.Default.ArbFor<int>(), property));

    /// <returns>The world of the rough weather.</returns>
    private static World AssertSame(int seed, Weather weather)
    {
        var calm = Run(seed, 0, Weather.Fair);
        var rough = Run(seed, seed, weather);

        // Each restart of a task has children of its own.
        Assert.InRange(rough.Requests.Count, calm.Requests.Count, weather.Hands == 0 ? calm.Requests.Count : int.MaxValue);
        AssertSameJson(ResultOf(seed, calm), ResultOf(seed, rough));
        return rough;
    }

    private static void AssertModel(int seed, World world)
    {
        var definition = Definition(seed);

        AssertSameJson(Model.Result(definition, definition.Graph, Encoding.UTF8.GetBytes(Payload(new Random(seed)))), ResultOf(seed, world));
    }

    private static WorkflowDefinition Definition(int seed) => Shape.Create(new Random(seed));

    private static ReadOnlyMemory<byte> ResultOf(int seed, World world) => RequestResult.Of(Definition(seed), world.Request)!.Value;

    /// <param name="chance">The seed of what happens to the workflow, which is that of <paramref name="seed"/>.</param>
    private static World Run(int seed, int chance, Weather weather)
    {
        var world = new World(Definition(seed), new Random(chance), weather);
        world.Run(Payload(new Random(seed)));
        Assert.All(world.Requests.Values, request => Assert.True(request.Status == RequestStatus.Completed || (weather.Hands > 0 && request.Status == RequestStatus.Cancelled)));
        Assert.InRange(world.Finishes, 1, weather.Hands == 0 ? 2 : int.MaxValue);
        return world;
    }

    private static string Payload(Random random)
    {
        var rows = Enumerable.Range(0, random.Next(4)).Select(row => $$"""{"row":{{row}}}""");
        var cells = Enumerable.Range(0, random.Next(3));
        return $$"""{"keep":{{(random.Next(2) == 0 ? "true" : "false")}},"rows":[{{string.Join(',', rows)}}],"cells":[{{string.Join(',', cells)}}]}""";
    }

    private static void AssertSameJson(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual) =>
        Assert.True(
            JsonElement.DeepEquals(JsonElement.Parse(expected.Span), JsonElement.Parse(actual.Span)),
            $"{Encoding.UTF8.GetString(expected.Span)}\n{Encoding.UTF8.GetString(actual.Span)}");
}
