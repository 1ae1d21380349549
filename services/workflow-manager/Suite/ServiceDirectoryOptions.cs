using System.ComponentModel.DataAnnotations;

namespace Millrace.WorkflowManager.Suite;

/// <summary>The services that the page shows and whose own routes can be asked through the manager. Section <c>Directory</c>.</summary>
public sealed record ServiceDirectoryOptions
{
    public const string Section = "Directory";

    /// <summary>Names of the services that run in this process; the host says so.</summary>
    public IReadOnlyList<string> InProcess { get; init; } = [];

    /// <summary>
    /// Services that run elsewhere; one that runs in this process is not looked for here. Only these are ever called: nothing in a
    /// message or a query can name another address.
    /// </summary>
    public IReadOnlyList<ServiceEntry> Services { get; init; } = [];

    /// <summary>Milliseconds that one call may take, from 100 to 60,000.</summary>
    [Range(100, 60_000)]
    public int TimeoutMs { get; init; } = 3_000;

    /// <summary>Bytes of an answer that are passed on, from 1 KiB to 16 MiB.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxAnswerBytes { get; init; } = 1024 * 1024;

    internal IEnumerable<ServiceEntry> Elsewhere => Services.Where(service => !InProcess.Contains(service.Name));

    internal IEnumerable<string> Check()
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), results, validateAllProperties: true);
        foreach (var result in results)
            yield return $"{Section}: {result.ErrorMessage}";
        foreach (var service in Elsewhere)
        {
            if (service.Name.Length == 0)
                yield return $"{Section}:Services has an entry without Name; give the service's name, such as drift-monitor.";
            else if (!Uri.TryCreate(service.Url, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
                yield return $"{Section}:Services '{service.Name}': Url must be its base URL, such as http://{service.Name}:8080.";
        }
        foreach (var twice in Elsewhere.GroupBy(service => service.Name).Where(group => group.Count() > 1))
            yield return $"{Section}:Services names '{twice.Key}' more than once; give each service one entry.";
    }
}

/// <summary>One process of the suite.</summary>
public sealed record ServiceEntry
{
    public string Name { get; init; } = "";

    /// <summary>Its base URL, of which the scheme, the host and the port count.</summary>
    public string? Url { get; init; }

    /// <summary>An API key with which the manager asks it; null: with the caller's own.</summary>
    public string? Key { get; init; }
}
