using System.Diagnostics.CodeAnalysis;

namespace Millrace.Contracts;

/// <summary>The correlation id of a step's message: <c>request-id:step</c>.</summary>
/// <param name="RequestId">The request, or for an item of a task the child request.</param>
/// <param name="Step">The step's name; it holds no colon.</param>
public readonly record struct StepAddress(Guid RequestId, string Step)
{
    public static bool TryParse([NotNullWhen(true)] string? text, out StepAddress address)
    {
        address = default;
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon < 0 || !Guid.TryParse(text.AsSpan(0, colon), out var id))
            return false;
        var step = text![(colon + 1)..];
        if (step.Length == 0 || step.Contains(':', StringComparison.Ordinal))
            return false;
        address = new StepAddress(id, step);
        return true;
    }

    public override string ToString() => $"{RequestId:D}:{Step}";
}
