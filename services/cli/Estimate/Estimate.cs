using Millrace.Preprocessing;

namespace Millrace.Cli.Estimate;

/// <summary>What preprocessing said of all posts.</summary>
/// <param name="Kept">Posts that are scored and embedded; of several with one URI the first.</param>
/// <param name="KeptOfUnsureLanguage">Of them, those that cost a remote API a second call: it must first say which language it takes them for.</param>
/// <param name="Languages">Languages but English; of each the API is asked once for every attribute.</param>
internal sealed record PostCounts(long Posts, long Kept, long KeptOfUnsureLanguage, int Languages)
{
    public static PostCounts Of(PostCount count) => new(count.Posts, count.Kept, count.KeptOfUnsureLanguage, count.Languages);

    /// <summary>For so many posts like these.</summary>
    public PostCounts ScaleTo(long posts) => Posts == 0 ? this : this with
    {
        Posts = posts,
        Kept = (long)Math.Round((double)Kept * posts / Posts),
        KeptOfUnsureLanguage = (long)Math.Round((double)KeptOfUnsureLanguage * posts / Posts),
    };
}

/// <summary>What a sample of the posts cost.</summary>
/// <param name="Posts">Posts that were run.</param>
/// <param name="Kept">Of these, posts that preprocessing kept and that were scored and embedded.</param>
/// <param name="Seconds">From the first post sent to the last request ended.</param>
/// <param name="DeviceSeconds">Inference time of the embedder, added up.</param>
/// <param name="StoredBytes">What the store grew by.</param>
internal sealed record SampleCost(int Posts, int Kept, double Seconds, double DeviceSeconds, long StoredBytes);

/// <summary>What the user gives.</summary>
/// <param name="QuotaPerSecond">Calls a second to a paid or limited API; null if posts are scored locally.</param>
internal sealed record Prices(double? QuotaPerSecond, double? PerThousandCalls, double? PerDeviceHour);

internal sealed record EstimateReport
{
    /// <summary>Share of the quota that the pacer spends; measured, see the classifier's numbers.</summary>
    public const double QuotaUse = 0.99;

    /// <summary>Calls to learn of a language what the API does not score in it: the attributes asked for but the six that most languages have.</summary>
    public const int CallsToLearnALanguage = 15;

    public required long Posts { get; init; }

    public required double KeptShare { get; init; }

    /// <summary>Calls that count against the quota: one for each kept post, and those that find out about languages.</summary>
    public required long Calls { get; init; }

    public double? QuotaMinutes { get; init; }

    public required double DeviceSeconds { get; init; }

    public required double StoredMiB { get; init; }

    /// <summary>If nothing but this machine's speed limited it.</summary>
    public required double LocalMinutes { get; init; }

    public required double FinishMinutes { get; init; }

    public double? Money { get; init; }

    public required int SamplePosts { get; init; }

    /// <param name="sample">Time and disk scale from it by its posts, the device by those that it kept.</param>
    public static EstimateReport From(PostCounts all, SampleCost sample, Prices prices)
    {
        var kept = all.Posts == 0 ? 0 : (double)all.Kept / all.Posts;
        var scale = sample.Posts == 0 ? 0 : (double)all.Posts / sample.Posts;
        var calls = all.Kept + (prices.QuotaPerSecond is null ? 0 : all.KeptOfUnsureLanguage + (CallsToLearnALanguage * (long)all.Languages));
        var quota = prices.QuotaPerSecond is { } rate ? calls / (rate * QuotaUse) / 60 : (double?)null;
        var device = sample.Kept == 0 ? 0 : sample.DeviceSeconds * all.Kept / sample.Kept;
        var local = sample.Seconds * scale / 60;
        return new EstimateReport
        {
            Posts = all.Posts,
            KeptShare = kept,
            Calls = calls,
            QuotaMinutes = quota,
            DeviceSeconds = device,
            StoredMiB = sample.StoredBytes * scale / 1048576,
            LocalMinutes = local,
            FinishMinutes = Math.Max(quota ?? 0, local),
            Money = prices.PerThousandCalls is null && prices.PerDeviceHour is null
                ? null
                : calls / 1000.0 * (prices.PerThousandCalls ?? 0) + device / 3600 * (prices.PerDeviceHour ?? 0),
            SamplePosts = sample.Posts,
        };
    }
}
