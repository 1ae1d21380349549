using System.Collections.Concurrent;
using System.Reflection;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>Passes calls of an interface on, counts them by their names, and answers some otherwise.</summary>
internal class Watched<T> : DispatchProxy
    where T : class
{
    private T _inner = null!;

    public ConcurrentDictionary<string, int> Calls { get; } = [];

    /// <summary>By the name of a call: what is given its passing on, and answers in its place.</summary>
    public ConcurrentDictionary<string, Func<Func<object?>, object?>> Answers { get; } = [];

    public static (T Proxy, Watched<T> Watch) Of(T inner)
    {
        var proxy = Create<T, Watched<T>>();
        var watch = (Watched<T>)(object)proxy;
        watch._inner = inner;
        return (proxy, watch);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Calls.AddOrUpdate(targetMethod!.Name, 1, (_, count) => count + 1);
        return Answers.TryGetValue(targetMethod.Name, out var answer) ? answer(PassOn) : PassOn();

        object? PassOn() => targetMethod.Invoke(_inner, args);
    }
}
