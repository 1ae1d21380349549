using System.Text.Json;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>
/// The messages of Perspective's contract: each field and its type, checked as proto3 reads JSON. A name may be written
/// <c>doNotStore</c> or <c>do_not_store</c>, null is absent but in a list, and a name that is not known or a value of another type is refused,
/// however deep it stands. The tests' emulator checks by the same table.
/// </summary>
internal abstract record ContractMessage
{
    private static readonly ContractMessage Text = new Scalar("TYPE_STRING", JsonValueKind.String);
    private static readonly ContractMessage Flag = new Scalar("TYPE_BOOL", JsonValueKind.True, JsonValueKind.False);
    private static readonly ContractMessage Number = new Scalar("TYPE_FLOAT", JsonValueKind.Number);

    private static readonly ContractMessage TextEntry = new Message(("text", Text), ("type", Text));

    private static readonly ContractMessage Context = new Message(
        ("entries", new List(TextEntry)),
        ("articleAndParentComment", new Message(("article", TextEntry), ("parentComment", TextEntry))));

    private static readonly ContractMessage Score = new Message(("value", Number), ("type", Text));

    private static readonly ContractMessage Scores = new Message(
        ("summaryScore", Score), ("spanScores", new List(new Message(("begin", Number), ("end", Number), ("score", Score)))));

    private ContractMessage()
    {
    }

    /// <summary>The body of <c>comments:analyze</c>.</summary>
    public static ContractMessage Analyze { get; } = new Message(
        ("comment", TextEntry),
        ("context", Context),
        ("requestedAttributes", new Map(new Message(("scoreType", Text), ("scoreThreshold", Number)))),
        ("languages", new List(Text)),
        ("doNotStore", Flag),
        ("clientToken", Text),
        ("sessionId", Text),
        ("communityId", Text),
        ("spanAnnotations", Flag));

    /// <summary>The body of <c>comments:suggestscore</c>.</summary>
    public static ContractMessage Suggest { get; } = new Message(
        ("comment", TextEntry),
        ("context", Context),
        ("attributeScores", new Map(Scores)),
        ("languages", new List(Text)),
        ("clientToken", Text),
        ("sessionId", Text),
        ("communityId", Text));

    /// <returns>What is wrong with it, in the API's words; null: nothing.</returns>
    /// <exception cref="InvalidOperationException">A name holds half a surrogate pair.</exception>
    public string? Problem(JsonElement body) => Problem(body, "");

    protected abstract string? Problem(JsonElement value, string path);

    private static string? First(IEnumerable<string?> problems) => problems.FirstOrDefault(problem => problem is not null);

    private static string Under(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private sealed record Scalar(string Type, params JsonValueKind[] Kinds) : ContractMessage
    {
        protected override string? Problem(JsonElement value, string path) =>
            Kinds.Contains(value.ValueKind) ? null : $"Invalid value at '{path}' ({Type}).";
    }

    private sealed record List(ContractMessage Item) : ContractMessage
    {
        protected override string? Problem(JsonElement value, string path) => value.ValueKind == JsonValueKind.Array
            ? First(value.EnumerateArray().Select((item, at) => Item.Problem(item, $"{path}[{at}]")))
            : $"Invalid value at '{path}': it must be a list.";
    }

    private sealed record Map(ContractMessage Value) : ContractMessage
    {
        protected override string? Problem(JsonElement value, string path) => value.ValueKind == JsonValueKind.Object
            ? First(value.EnumerateObject().Where(entry => entry.Value.ValueKind != JsonValueKind.Null).Select(entry => Value.Problem(entry.Value, Under(path, entry.Name))))
            : $"Invalid value at '{path}': it must be an object.";
    }

    private sealed record Message : ContractMessage
    {
        private readonly Dictionary<string, ContractMessage> _fields;

        public Message(params (string Name, ContractMessage Type)[] fields) => _fields = fields
            .SelectMany(field => (IEnumerable<(string Name, ContractMessage Type)>)[field, (JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name), field.Type)])
            .DistinctBy(field => field.Name)
            .ToDictionary(field => field.Name, field => field.Type);

        protected override string? Problem(JsonElement value, string path) => value.ValueKind == JsonValueKind.Object
            ? First(value.EnumerateObject().Select(field => Problem(field, path)))
            : path.Length == 0 ? "Root element must be a message." : $"Invalid value at '{path}': it must be an object.";

        private string? Problem(JsonProperty field, string path)
        {
            if (!_fields.TryGetValue(field.Name, out var type))
                return $"Unknown name \"{field.Name}\"{(path.Length == 0 ? "" : $" at '{path}'")}: Cannot find field.";
            return field.Value.ValueKind == JsonValueKind.Null ? null : type.Problem(field.Value, Under(path, field.Name));
        }
    }
}
