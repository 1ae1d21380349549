using System.Text.Json;
using Millrace.Contracts;
using Millrace.Contracts.Views;

namespace Millrace.Cli.Client;

/// <summary>
/// An action on all requests that match, call after call, so that none lasts long however many they are, and what has been done is known if
/// one of the calls fails.
/// </summary>
internal sealed class BulkRun(MillraceClient client, Func<string?, string> pathBehind)
{
    /// <summary>Requests of one call.</summary>
    public const string PageSize = "200";

    private const int MaxNamed = 100;

    /// <param name="tell">Told the sum after each call.</param>
    /// <returns>The sum of all calls.</returns>
    /// <exception cref="MillraceClientException">A call failed; says also what was done before it.</exception>
    public async Task<BulkView> RunAsync(Action<BulkView> tell, CancellationToken cancellationToken)
    {
        var sum = await CallAsync(pathBehind(null), null, cancellationToken);
        tell(sum);
        while (sum.Next is { } next)
        {
            sum = Add(sum, await CallAsync(pathBehind(next), sum, cancellationToken));
            tell(sum);
        }
        return sum;
    }

    private async Task<BulkView> CallAsync(string path, BulkView? before, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.PostAsync(path, ReadOnlyMemory<byte>.Empty, cancellationToken);
            return answer.Deserialize<BulkView>(MillraceJson.Options)!;
        }
        catch (MillraceClientException failure) when (before is not null)
        {
            throw new MillraceClientException(
                $"{failure.Message} Before that {before.Matched:N0} were looked at and {before.Changed:N0} changed; give the command again to go on.", failure.Status);
        }
    }

    private static BulkView Add(BulkView sum, BulkView page) => new(
        sum.Matched + page.Matched, sum.Changed + page.Changed, sum.DryRun, [.. sum.Ids.Concat(page.Ids).Take(MaxNamed)],
        sum.Refused + page.Refused, sum.Failed + page.Failed, [.. (sum.Problems ?? []).Concat(page.Problems ?? []).Take(MaxNamed)], page.Next);
}
