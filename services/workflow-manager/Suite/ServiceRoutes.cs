namespace Millrace.WorkflowManager.Suite;

/// <summary>What may be asked of one service through the manager.</summary>
/// <param name="Shown">Reads that the page lists.</param>
/// <param name="Room">The service's own routes begin with it: all of them may be read. Null: only what is shown.</param>
/// <param name="Commands">Last segments of the routes in the room that take a POST; none of them has a body.</param>
internal sealed record ServiceRoutes(IReadOnlyList<string> Shown, string? Room, IReadOnlyList<string> Commands)
{
    private static readonly string[] Any = ["/health/ready", "/metrics"];

    public static IReadOnlyDictionary<string, ServiceRoutes> Known { get; } = new Dictionary<string, ServiceRoutes>
    {
        ["workflow-manager"] = new([.. Any, "/api/counts"], null, []),
        ["preprocessing"] = new([.. Any, "/api/preprocessing"], "/api/preprocessing", []),
        ["perspective-classifier"] = new([.. Any, "/api/classifier", "/api/classifier/agreement"], "/api/classifier", ["calibration"]),
        ["gpu-embedding"] = new([.. Any, "/info"], null, []),
        ["drift-monitor"] = new([.. Any, "/api/drift"], "/api/drift", ["reference"]),
    };

    public static ServiceRoutes Of(string service) => Known.GetValueOrDefault(service) ?? new ServiceRoutes(Any, null, []);

    /// <param name="path">In its canonical form, as <see cref="Uri.AbsolutePath"/> gives it: no dots lead out of the room.</param>
    public bool Allow(HttpMethod method, string path) => method == HttpMethod.Get
        ? Shown.Contains(path) || IsInRoom(path)
        : method == HttpMethod.Post && IsInRoom(path) && Commands.Any(command => path.EndsWith("/" + command, StringComparison.Ordinal));

    private bool IsInRoom(string path) => Room is not null && (path == Room || path.StartsWith(Room + "/", StringComparison.Ordinal));
}
