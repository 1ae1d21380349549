using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using MongoDB.Bson;

namespace Millrace.Storage.Mongo;

/// <summary>A request's document without its entries.</summary>
internal static class RequestDocuments
{
    public static string Id(Guid id) => id.ToString("D");

    public static BsonDocument Filter(Guid id) => new("_id", Id(id));

    /// <summary>What every transition writes.</summary>
    public static BsonDocument Moving(RequestRecord record) => new()
    {
        ["v"] = record.Version,
        ["status"] = record.Status,
        ["updated_at"] = Micros.From(record.UpdatedAt),
        ["finished_at"] = Time(record.FinishedAt),
        ["due_at"] = Time(record.DueAt),
        ["error_code"] = Text(record.ErrorCode),
        ["error_step"] = Text(record.ErrorStep),
        ["state"] = record.State.ToArray(),
    };

    public static BsonDocument New(RequestRecord record) => Moving(record).Merge(new BsonDocument
    {
        ["_id"] = Id(record.Id),
        ["top"] = record.Parent is null,
        ["workflow"] = Text(record.Workflow),
        ["definition_hash"] = Text(record.DefinitionHash),
        ["key"] = Text(record.Key),
        ["created_at"] = Micros.From(record.CreatedAt),
        ["parent"] = record.Parent is { } parent ? Id(parent.RequestId) : BsonNull.Value,
        ["parent_step"] = Text(record.Parent?.Step),
        ["parent_index"] = record.Parent is { } place ? place.Index : BsonNull.Value,
    });

    public static RequestRecord Read(BsonDocument document) => new()
    {
        Id = Guid.ParseExact(document["_id"].AsString, "D"),
        Version = document["v"].ToInt64(),
        Status = document["status"].AsString,
        Workflow = document["workflow"].AsString,
        DefinitionHash = document["definition_hash"].AsString,
        Key = ReadText(document["key"]),
        ErrorCode = ReadText(document["error_code"]),
        ErrorStep = ReadText(document["error_step"]),
        CreatedAt = Micros.ToTime(document["created_at"].ToInt64()),
        UpdatedAt = Micros.ToTime(document["updated_at"].ToInt64()),
        FinishedAt = ReadTime(document["finished_at"]),
        DueAt = ReadTime(document["due_at"]),
        Parent = document["parent"].IsBsonNull ? null : new ParentReference(
            Guid.ParseExact(document["parent"].AsString, "D"), document["parent_step"].AsString, document["parent_index"].ToInt32()),
        State = document["state"].AsByteArray,
    };

    public static BsonValue Text(string? text) => text is null ? BsonNull.Value : WellFormedText.From(text);

    public static string? ReadText(BsonValue value) => value.IsBsonNull ? null : value.AsString;

    private static BsonValue Time(DateTimeOffset? time) => time is { } value ? Micros.From(value) : BsonNull.Value;

    private static DateTimeOffset? ReadTime(BsonValue value) => value.IsBsonNull ? null : Micros.ToTime(value.ToInt64());
}
