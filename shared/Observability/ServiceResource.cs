using System.Reflection;
using OpenTelemetry.Resources;

namespace Millrace.Observability;

internal static class ServiceResource
{
    /// <summary>Tells replicas apart in logs, traces and metrics.</summary>
    public static string Instance { get; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    public static string Version => typeof(ServiceResource).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static ResourceBuilder For(string service) =>
        ResourceBuilder.CreateDefault().AddService(service, "millrace", Version, serviceInstanceId: Instance);
}
