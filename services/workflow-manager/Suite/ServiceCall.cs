using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;

namespace Millrace.WorkflowManager.Suite;

/// <summary>A caller's call, to be passed on to the service that answers it.</summary>
/// <param name="Credentials">Headers by which the service may know the caller.</param>
internal sealed record ServiceCall(
    string Service, HttpMethod Method, PathString Path, QueryString Query, IReadOnlyDictionary<string, string?> Credentials)
{
    private static readonly string[] CredentialHeaders = ["Authorization", "X-Api-Key"];

    public static ServiceCall From(HttpRequest request, string service, PathString path) => new(
        service, new HttpMethod(request.Method), path, request.QueryString, CredentialsOf(request));

    public static IReadOnlyDictionary<string, string?> CredentialsOf(HttpRequest request) =>
        CredentialHeaders.Where(request.Headers.ContainsKey).ToDictionary(name => name, name => (string?)request.Headers[name]);

    /// <returns>Null if the service has no such route that may be asked.</returns>
    public HttpRequestMessage? To(ServiceEntry entry)
    {
        // Only path and query come from the caller, whatever slashes they begin with; what is checked is what is then sent.
        var target = new UriBuilder(entry.Url!) { Path = Path.ToUriComponent(), Query = Query.ToUriComponent(), Fragment = "" }.Uri;
        if (!ServiceRoutes.Of(Service).Allow(Method, target.AbsolutePath))
            return null;
        var message = new HttpRequestMessage(Method, target);
        if (entry.Key is { } key)
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        else
        {
            foreach (var (name, value) in Credentials)
                message.Headers.TryAddWithoutValidation(name, value);
        }
        return message;
    }
}

/// <summary>What a service answered.</summary>
internal sealed record ServiceAnswer(HttpStatusCode Status, string ContentType, string Body);
