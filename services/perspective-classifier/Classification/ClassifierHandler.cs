using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>
/// The worker of a classifier's queue. A post that cannot be scored is answered with its reason and not failed: its request goes on,
/// and nothing tries it again for ever. The output is a <see cref="LabelRecord"/>, or by the classifier's name <see cref="ModelScores"/>.
/// </summary>
internal sealed class ClassifierHandler(ClassifierSet set, string name, ClassifierInstanceOptions options, TimeProvider clock, ClassifierMetrics metrics)
    : IStepHandler<JsonElement, object>
{
    private readonly PostInput _reader = new(options.TextFields, options.MaxTextBytes);

    public async Task<IReadOnlyList<StepResult<object>>> HandleAsync(IReadOnlyList<JsonElement> inputs, CancellationToken cancellationToken)
    {
        var read = inputs.Select(_reader.Read).ToList();
        var posts = read.Where(item => item.Post is not null).Select(item => item.Post!).ToList();
        // The set is filled before the first message comes.
        var provider = set.Find(name)!.Provider;
        var found = posts.Count == 0 ? [] : await provider.ClassifyAsync(posts, cancellationToken);
        var next = 0;
        var description = provider.Describe();
        return [.. read.Select(item => Answer(item, item.Post is null ? item.Problem : found[next++], description))];
    }

    private StepResult<object> Answer(InputRead item, PostClassification? found, ClassifierDescription description)
    {
        metrics.Count(name, found);
        return found switch
        {
            null => StepResult<object>.Reject("TEXT_MISSING", $"The input has no field '{string.Join("' or '", options.TextFields)}'."),
            PostClassification.Throttled throttled => new StepResult<object>.Throttled(
                throttled.RetryAfter, throttled.Message is null ? throttled.Reason : $"{throttled.Reason}: {throttled.Message}"),
            PostClassification.Failed failed => new StepResult<object>.Failed(new StepError(failed.Reason, failed.Message, Transient: true)),
            _ when options.Output == ClassifierOutput.Scores => Scores(found, description),
            _ => Record(item, found, description),
        };
    }

    private Dictionary<string, ModelScores> Scores(PostClassification found, ClassifierDescription description)
    {
        var labelled = found as PostClassification.Labelled;
        var label = labelled is { Labels: null, Scores: { Count: > 0 } scores } ? scores.MaxBy(score => score.Value).Key : null;
        return new()
        {
            [name] = new ModelScores(
                label, labelled?.Labels, labelled?.Scores, Reason(found), description.Provider, description.ModelRevision, description.CalibratedAt)
            { Truncated = labelled?.Truncated == true ? true : null },
        };
    }

    private LabelRecord Record(InputRead item, PostClassification found, ClassifierDescription asked)
    {
        var description = found.By ?? asked;
        var labelled = found as PostClassification.Labelled;
        return new LabelRecord
        {
            Uri = item.Uri,
            Text = item.Text,
            WasSuccessfullyLabeled = labelled is not null,
            Reason = Reason(found),
            LabelTimestamp = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
            Probabilities = RecordFields.Fill(labelled?.Scores),
            Provider = description.Provider,
            ModelRevision = description.ModelRevision,
            CalibratedAt = description.CalibratedAt,
            FallbackReason = found.By?.Problem,
            Truncated = labelled?.Truncated == true ? true : null,
            Scores = labelled?.Scores,
            SpanScores = labelled?.Spans,
            Unavailable = labelled?.Unavailable.Count > 0 ? labelled.Unavailable : null,
            Shadow = labelled?.Shadow,
            ShadowRevision = labelled?.Shadow is null ? null : description.ShadowRevision,
        };
    }

    private static string? Reason(PostClassification found) =>
        found is PostClassification.Unlabelled unlabelled ? $"{unlabelled.Reason}: {unlabelled.Message}" : null;
}
