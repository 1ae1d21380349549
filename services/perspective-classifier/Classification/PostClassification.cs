namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>What became of one post.</summary>
public abstract record PostClassification
{
    private PostClassification()
    {
    }

    /// <summary>Who says so, where it is another than the provider that was asked; its <c>Problem</c> is then why.</summary>
    public ClassifierDescription? By { get; init; }

    /// <summary>The post has scores.</summary>
    /// <param name="Scores">Probability, 0 to 1, by attribute or class name.</param>
    /// <param name="Unavailable">Attributes that were asked for and have no score, each with the reason.</param>
    /// <param name="Shadow">Scores of the second provider, where one runs beside.</param>
    public sealed record Labelled(
        IReadOnlyDictionary<string, double> Scores,
        IReadOnlyDictionary<string, string> Unavailable,
        IReadOnlyDictionary<string, double>? Shadow = null) : PostClassification
    {
        /// <summary>Scores of parts of the text by attribute; null unless the provider was asked for them.</summary>
        public IReadOnlyDictionary<string, IReadOnlyList<SpanScore>>? Spans { get; init; }

        /// <summary>True if the model did not read the text to its end.</summary>
        public bool Truncated { get; init; }

        /// <summary>Of a model whose labels hold each for itself: those whose score reaches their threshold, the highest first; null of others.</summary>
        public IReadOnlyList<string>? Labels { get; init; }
    }

    /// <summary>The post itself is why it has none; another attempt would end the same.</summary>
    /// <param name="Reason">A short stable code such as <c>COMMENT_EMPTY</c>.</param>
    public sealed record Unlabelled(string Reason, string Message) : PostClassification;

    /// <summary>Nothing may be asked before the time has passed.</summary>
    /// <param name="Reason">A short stable code such as <c>PACED</c>.</param>
    /// <param name="Message">The same for a person, with the fix if it needs one.</param>
    public sealed record Throttled(TimeSpan RetryAfter, string Reason, string? Message = null) : PostClassification;

    /// <summary>It went wrong this time; another attempt may succeed.</summary>
    public sealed record Failed(string Reason, string Message) : PostClassification;
}
