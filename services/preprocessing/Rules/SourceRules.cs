namespace Millrace.Preprocessing.Rules;

internal sealed record AuthorRule(RuleAction Action, IReadOnlySet<string> Block) : PostRule("author", Action)
{
    protected override (bool Passed, string Reason) Decide(PostFacts facts)
    {
        var author = facts.Post.Author;
        foreach (var name in (ReadOnlySpan<string?>)[author?.Did, author?.Handle])
        {
            if (name is not null && Block.Contains(name))
                return (false, $"The author {name} is on the list.");
        }
        return (true, author is null ? "No author is given." : "The author is not on the list.");
    }
}

internal sealed record LabelsRule(RuleAction Action, IReadOnlySet<string> Block) : PostRule("labels", Action)
{
    protected override (bool Passed, string Reason) Decide(PostFacts facts)
    {
        var found = facts.Post.Labels.Where(Block.Contains).ToList();
        return found.Count == 0
            ? (true, "No blocked label.")
            : (false, $"Labelled {string.Join(", ", found)}.");
    }
}
