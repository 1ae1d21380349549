namespace Millrace.Chaos.Tests.Faults;

/// <summary>One way to break something under load.</summary>
/// <param name="Weight">How often it is drawn, beside the others.</param>
/// <param name="StrikeAsync">Breaks and mends; its result, if any, is told beside the name.</param>
internal sealed record Fault(string Name, int Weight, Func<Scene, CancellationToken, Task<string?>> StrikeAsync)
{
    public Func<Scene, bool> Applies { get; init; } = _ => true;

    public static Fault Of(string name, int weight, Func<Scene, CancellationToken, Task> strike) => new(name, weight, async (scene, cancellationToken) =>
    {
        await strike(scene, cancellationToken);
        return null;
    });
}
