namespace Millrace.Preprocessing.Posts;

/// <summary>Why what came is no post.</summary>
internal sealed record PostRejection(string Type, string Message)
{
    public static PostRejection TextMissing { get; } =
        new("TEXT_MISSING", "The post has no text: give it as 'text', or as 'record.text' of a Bluesky post view.");

    public static PostRejection UriMissing { get; } =
        new("URI_MISSING", "The post has no 'uri' (or 'id'): nothing names it.");

    public static PostRejection BrokenName { get; } =
        new("INVALID_UTF16", "The name of a field holds half a character (an unpaired surrogate).");

    public static PostRejection WrongType(string field, string expected, System.Text.Json.JsonValueKind actual) =>
        new("WRONG_TYPE", $"'{field}' must be {expected}, but is {actual}.");

    public static PostRejection NotAPost(string message) => new("NOT_A_POST", message);
}
