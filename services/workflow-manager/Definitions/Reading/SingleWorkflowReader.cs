using Cronos;
using Millrace.WorkflowManager.Definitions.Yaml;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Definitions.Reading;

/// <summary>Reads one workflow.</summary>
internal static class SingleWorkflowReader
{
    private static readonly string[] CatchUps = ["none", "last", "all"];

    private static readonly string[] Keys =
    [
        "name", "version", "key", "timeout", "retention", "schedule", "timezone", "catchUp", "payload", "priority", "maxItems", "steps",
        "tasks", "vhosts",
    ];

    /// <returns>Null if it has no usable name.</returns>
    public static SourceWorkflow? Read(YamlNode node, ProblemList problems)
    {
        var map = new MapReader(node, "a workflow", Keys, problems);
        var name = map.Name("name", isRequired: true);
        if (map.Find("vhosts") is not null)
            problems.Warn(map.KeyOf("vhosts"), "'vhosts' is ignored: the broker's address names the one virtual host that is served");
        var settings = new WorkflowDefinition
        {
            Name = name ?? "",
            Hash = "",
            Number = map.Number("version", 0, int.MaxValue),
            Key = map.Text("key"),
            Timeout = map.Length("timeout"),
            Retention = map.Length("retention"),
            Schedule = ReadSchedule(map, problems),
            Priority = map.Number("priority", 0, 9) ?? 0,
            MaxItems = map.Number("maxItems", 1, 1_000_000) ?? WorkflowDefinition.DefaultMaxItems,
            Steps = [],
        };
        var steps = StepListReader.Read(map, problems);
        var tasks = TaskListReader.Read(map, problems);
        TaskListReader.CheckUse(steps, tasks, problems);
        return name is null ? null : new SourceWorkflow(settings, map.Find("name")!, steps, tasks);
    }

    private static Schedule? ReadSchedule(MapReader map, ProblemList problems)
    {
        var payload = map.Find("payload");
        if (payload is not null and not YamlMap)
            problems.Error(payload, "'payload' must be a map: the post that every scheduled request begins with");
        var catchUp = map.Choice("catchUp", CatchUps);
        if (map.Text("schedule") is not { } cron)
        {
            if (map.Find("timezone") is not null)
                problems.Error(map.KeyOf("timezone"), "'timezone' needs a 'schedule' whose times it is about");
            if (map.Find("catchUp") is not null)
                problems.Error(map.KeyOf("catchUp"), "'catchUp' needs a 'schedule' whose missed occurrences it is about");
            if (payload is not null)
                problems.Error(map.KeyOf("payload"), "'payload' needs a 'schedule' that sends it");
            return null;
        }
        if (!CronExpression.TryParse(cron, out _))
        {
            problems.Error(map.Find("schedule")!, $"'{cron}' is no schedule: five fields (minute hour day month weekday), such as \"*/5 * * * *\"");
            return null;
        }
        var timeZone = map.Text("timezone");
        if (timeZone is not null && !(TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone) && zone.HasIanaId))
            problems.Error(map.Find("timezone")!, $"'{timeZone}' is no time zone that this machine knows: an IANA name, such as \"Europe/Zurich\"; the names come with the package tzdata");
        return new Schedule(cron, payload is YamlMap ? YamlJson.ToUtf8(payload) : "{}"u8.ToArray())
        {
            CatchUp = (CatchUp?)catchUp ?? CatchUp.Last,
            TimeZone = timeZone,
        };
    }
}
