using System.Text;
using Millrace.Cli.Classifying;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Cli.Tests.Classifying;

public sealed class SuiteResultsTests
{
    [Fact]
    public async Task What_failed_is_lost_and_what_is_unlabelled_too_where_all_can_be_labelled()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var bus = BusFactory.Create("memory:", new BusOptions { ConnectionName = "test" });
        await bus.StartAsync(cancel);
        await using var results = await SuiteResults.ListenAsync(bus, "flow", "run", 4, cancel);
        string[] views =
        [
            """{"key":"run-1","result":{"was_successfully_labeled":true}}""",
            """{"key":"run-2","result":{"was_successfully_labeled":false}}""",
            """{"key":"run-3","status":"failed","result":null}""",
            """{"key":"run-4","result":{"keep":false}}""",
        ];
        await bus.SendAsync([.. views.Select(view => new OutgoingMessage(Wire.ResultsExchange, "flow.completed", Encoding.UTF8.GetBytes(view), MessageProperties.Empty))], cancel);

        await results.WaitAsync(TimeSpan.FromSeconds(10), cancel);

        Assert.Equal((4, 1, 1), (results.Ended, results.Labelled, results.Unlabelled));
        Assert.Equal((3, 2), (results.Lost(allCanBeLabelled: true), results.Lost(allCanBeLabelled: false)));
    }
}
