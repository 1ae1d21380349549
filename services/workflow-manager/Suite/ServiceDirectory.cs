using System.Net;
using System.Reflection;
using System.Text.Json;

namespace Millrace.WorkflowManager.Suite;

/// <param name="Endpoints">Routes of its own that can be read here.</param>
public sealed record ServiceView(string Name, string? Version, bool Ready, string? Detail, IReadOnlyList<string> Endpoints);

public sealed record ServiceListView(IReadOnlyList<ServiceView> Items);

/// <summary>
/// Asks the configured services for their health and passes on reads of a few fixed routes. Redirects are not followed, and
/// addresses come from the configuration alone.
/// </summary>
internal sealed class ServiceDirectory(ServiceDirectoryOptions options, HttpClient http)
{
    private static readonly Dictionary<string, string[]> OwnRoutes = new()
    {
        ["workflow-manager"] = ["/health/ready", "/metrics", "/api/counts"],
        ["preprocessing"] = ["/health/ready", "/metrics", "/api/preprocessing"],
        ["perspective-classifier"] = ["/health/ready", "/metrics", "/api/classifier", "/api/classifier/agreement"],
        ["gpu-embedding"] = ["/health/ready", "/metrics", "/info"],
        ["drift-monitor"] = ["/health/ready", "/metrics", "/api/drift"],
    };

    private static readonly string[] AnyRoutes = ["/health/ready", "/metrics"];

    public static HttpClient CreateClient(ServiceDirectoryOptions options) => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = TimeSpan.FromMilliseconds(options.TimeoutMs),
        MaxResponseContentBufferSize = options.MaxAnswerBytes,
    };

    public async Task<ServiceListView> ListAsync(CancellationToken cancellationToken) =>
        new(await Task.WhenAll(options.Services.Select(service => AskAsync(service, cancellationToken))));

    /// <returns>Null if the service or the route is not one of those listed.</returns>
    public async Task<(HttpStatusCode Status, string ContentType, string Body)?> ReadAsync(string name, string route, CancellationToken cancellationToken)
    {
        if (options.Services.FirstOrDefault(service => service.Name == name) is not { Url: { } url } || !RoutesOf(name).Contains(route))
            return null;
        using var response = await http.GetAsync(new Uri(new Uri(url), route), cancellationToken);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "text/plain", await response.Content.ReadAsStringAsync(cancellationToken));
    }

    private async Task<ServiceView> AskAsync(ServiceEntry service, CancellationToken cancellationToken)
    {
        if (service.Url is null)
            return new ServiceView(service.Name, OwnVersion, Ready: true, "in this process", RoutesOf(service.Name));
        var endpoints = RoutesOf(service.Name).Select(route => $"/api/services/{service.Name}{route}").ToArray();
        try
        {
            using var response = await http.GetAsync(new Uri(new Uri(service.Url), "/health/ready"), cancellationToken);
            using var health = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            return new ServiceView(service.Name, Version: null, response.IsSuccessStatusCode, health.RootElement.GetProperty("status").GetString(), endpoints);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new ServiceView(service.Name, Version: null, Ready: false, error.Message, endpoints);
        }
    }

    private static string[] RoutesOf(string name) => OwnRoutes.GetValueOrDefault(name, AnyRoutes);

    private static string? OwnVersion => typeof(ServiceDirectory).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
