using System.Net;
using System.Reflection;
using System.Text.Json;

namespace Millrace.WorkflowManager.Suite;

/// <param name="Endpoints">Routes of its own that can be read here.</param>
public sealed record ServiceView(string Name, string? Version, bool Ready, string? Detail, IReadOnlyList<string> Endpoints);

public sealed record ServiceListView(IReadOnlyList<ServiceView> Items);

/// <summary>
/// Asks the configured services for their health and passes on calls of the routes that <see cref="ServiceRoutes"/> allow.
/// Redirects are not followed, and addresses come from the configuration alone.
/// </summary>
internal sealed class ServiceDirectory(ServiceDirectoryOptions options, HttpClient http)
{
    public static HttpClient CreateClient(ServiceDirectoryOptions options)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
        return new HttpClient(handler) { Timeout = TimeSpan.FromMilliseconds(options.TimeoutMs), MaxResponseContentBufferSize = options.MaxAnswerBytes };
    }

    /// <summary>The rooms of services that do not run in this process, each with its service's name.</summary>
    public IEnumerable<(string Room, string Service)> RoomsElsewhere => ServiceRoutes.Known
        .Where(known => known.Value.Room is not null && !options.InProcess.Contains(known.Key))
        .Select(known => (known.Value.Room!, known.Key));

    public bool Knows(string service) => options.Elsewhere.Any(entry => entry.Name == service);

    /// <param name="credentials">Of the caller: services tell their version only to who may read.</param>
    public async Task<ServiceListView> ListAsync(IReadOnlyDictionary<string, string?> credentials, CancellationToken cancellationToken) => new(
    [
        .. options.InProcess.Select(name => new ServiceView(name, OwnVersion, Ready: true, "in this process", ServiceRoutes.Of(name).Shown)),
        .. await Task.WhenAll(options.Elsewhere.Select(service => CheckAsync(service, credentials, cancellationToken))),
    ]);

    /// <returns>Null if the service or the route is not one of those allowed.</returns>
    /// <exception cref="HttpRequestException">It does not answer in time, or more than is passed on.</exception>
    public async Task<ServiceAnswer?> AskAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        if (options.Elsewhere.FirstOrDefault(entry => entry.Name == call.Service) is not { } service || call.To(service) is not { } message)
            return null;
        using (message)
        {
            try
            {
                using var response = await http.SendAsync(message, cancellationToken);
                var type = response.Content.Headers.ContentType?.MediaType ?? "text/plain";
                return new ServiceAnswer(response.StatusCode, type, await response.Content.ReadAsStringAsync(cancellationToken));
            }
            catch (TaskCanceledException late) when (!cancellationToken.IsCancellationRequested)
            {
                throw new HttpRequestException($"nothing came within {options.TimeoutMs} ms", late);
            }
        }
    }

    private async Task<ServiceView> CheckAsync(
        ServiceEntry service, IReadOnlyDictionary<string, string?> credentials, CancellationToken cancellationToken)
    {
        var endpoints = ServiceRoutes.Of(service.Name).Shown.Select(route => $"/api/services/{service.Name}{route}").ToArray();
        try
        {
            var call = new ServiceCall(service.Name, HttpMethod.Get, "/health/ready", default, credentials);
            var answer = (await AskAsync(call, cancellationToken))!;
            using var health = JsonDocument.Parse(answer.Body);
            var version = health.RootElement.TryGetProperty("version", out var given) ? given.GetString() : null;
            return new ServiceView(
                service.Name, version, answer.Status == HttpStatusCode.OK, health.RootElement.GetProperty("status").GetString(), endpoints);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new ServiceView(service.Name, Version: null, Ready: false, error.Message, endpoints);
        }
    }

    private static string? OwnVersion => typeof(ServiceDirectory).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
