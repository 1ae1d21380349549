using Millrace.Contracts;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Benchmark;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Tests.Benchmark;

public sealed class StoreFillTests
{
    [Fact]
    public async Task Filling_writes_what_is_missing_and_all_of_it_can_be_read()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var store = await StoreFactory.OpenAsync("memory:", cancellationToken: cancellation);
        var fill = new StoreFill(store, TimeProvider.System);
        Assert.Equal(200, await fill.FillAsync(200, null, cancellation));
        Assert.Equal(1_500, await fill.FillAsync(1_500, null, cancellation));
        Assert.Equal(1_500, await fill.FillAsync(10, null, cancellation));

        var counts = await store.Requests.CountAsync(cancellation);
        Assert.Equal(
            [("cancelled", 15L), ("completed", 1_455L), ("failed", 30L)],
            counts.Where(count => count.Step.Length == 0).GroupBy(count => count.Status)
                .Select(status => (status.Key, status.Sum(count => count.Count))).OrderBy(status => status.Key));
        var failed = await store.Requests.ListAsync(new RequestQuery { ErrorCode = "too_long", ErrorStep = "third" }, cancellation);
        var request = await RunningRequest.ReadAsync(
            (await store.Requests.LoadAsync([failed.Items[0].Id], cancellation))[0]!, new WorkflowCatalog(store.Documents), cancellation);
        Assert.Equal("too_long", request.State.Failure!.Type);
        Assert.Equal(RequestIds.ForKey(request.Definition.Name, request.Record.Key!), request.Id);
    }
}
