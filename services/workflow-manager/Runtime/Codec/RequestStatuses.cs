using System.Collections.Immutable;
using System.Text.Json;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Runtime.Codec;

/// <summary>Statuses as stores, queries and views write them.</summary>
internal static class RequestStatuses
{
    private static readonly ImmutableArray<string> Requests = Names<RequestStatus>();
    private static readonly ImmutableArray<string> Steps = Names<StepStatus>();

    public static string Name(this RequestStatus status) => Requests[(int)status];

    public static string Name(this StepStatus status) => Steps[(int)status];

    public static RequestStatus Parse(string name) =>
        Requests.IndexOf(name) is >= 0 and var index ? (RequestStatus)index : throw new InvalidDataException($"'{name}' is no status.");

    private static ImmutableArray<string> Names<T>() where T : struct, Enum =>
        [.. Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName)];
}
