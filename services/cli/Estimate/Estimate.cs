namespace Millrace.Cli.Estimate;

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

    public required long Posts { get; init; }

    public required double KeptShare { get; init; }

    /// <summary>Calls that count against the quota: the kept posts.</summary>
    public required long Calls { get; init; }

    public double? QuotaMinutes { get; init; }

    public required double DeviceSeconds { get; init; }

    public required double StoredMiB { get; init; }

    /// <summary>If nothing but this machine's speed limited it.</summary>
    public required double LocalMinutes { get; init; }

    public required double FinishMinutes { get; init; }

    public double? Money { get; init; }

    public required int SamplePosts { get; init; }

    public static EstimateReport From(long posts, SampleCost sample, Prices prices)
    {
        var kept = sample.Posts == 0 ? 0 : (double)sample.Kept / sample.Posts;
        var scale = sample.Posts == 0 ? 0 : (double)posts / sample.Posts;
        var calls = (long)Math.Round(posts * kept);
        var quota = prices.QuotaPerSecond is { } rate ? calls / (rate * QuotaUse) / 60 : (double?)null;
        var device = sample.DeviceSeconds * scale;
        var local = sample.Seconds * scale / 60;
        return new EstimateReport
        {
            Posts = posts,
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
