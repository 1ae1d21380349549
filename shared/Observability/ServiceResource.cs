using System.Reflection;
using OpenTelemetry.Resources;

namespace Millrace.Observability;

internal static class ServiceResource
{
    public static ResourceBuilder For(string service) =>
        ResourceBuilder.CreateDefault().AddService(service, "millrace", Version, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}");

    private static string Version => typeof(ServiceResource).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
