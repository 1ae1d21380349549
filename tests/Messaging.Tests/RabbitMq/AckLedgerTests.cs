using Millrace.Messaging.RabbitMq;

namespace Millrace.Messaging.Tests.RabbitMq;

public sealed class AckLedgerTests
{
    [Fact]
    public void A_run_from_the_lowest_is_one_acknowledgement()
    {
        var ledger = Delivered(3);
        foreach (var tag in (ulong[])[2, 1, 3])
            ledger.Handled(tag);
        Assert.Equal(3UL, ledger.Take().UpTo);
        Assert.Equal((0UL, 0), (ledger.Take().UpTo, ledger.Take().Singles.Length));
    }

    [Fact]
    public void What_is_above_a_gap_is_acknowledged_alone_and_never_again()
    {
        var ledger = Delivered(4);
        ledger.Handled(2);
        ledger.Handled(3);
        var (upTo, singles) = ledger.Take();
        Assert.Equal(0UL, upTo);
        Assert.Equal([2UL, 3UL], singles.Order());
        // A broker refuses an acknowledgement of 3, which it knows no more, even as the end of a run.
        ledger.Handled(1);
        Assert.Equal(1UL, ledger.Take().UpTo);
        ledger.Handled(4);
        Assert.Equal(4UL, ledger.Take().UpTo);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void In_any_order_every_delivery_is_acknowledged_exactly_once(int seed)
    {
        var random = new Random(seed);
        var (ledger, acknowledged, below) = (Delivered(2_000), new HashSet<ulong>(), 0UL);
        var tags = Enumerable.Range(1, 2_000).Select(number => (ulong)number).ToArray();
        random.Shuffle(tags);
        foreach (var tag in tags)
        {
            ledger.Handled(tag);
            if (random.Next(4) > 0)
                continue;
            Take();
        }
        Take();
        Assert.Equal(2_000, acknowledged.Count);

        void Take()
        {
            var (upTo, singles) = ledger.Take();
            Assert.True(upTo == 0 || acknowledged.Add(upTo), $"{upTo} ends a run and was acknowledged before");
            for (; below < upTo; below++)
                acknowledged.Add(below + 1);
            Assert.All(singles, single => Assert.True(acknowledged.Add(single)));
        }
    }

    private static AckLedger Delivered(int count)
    {
        var ledger = new AckLedger();
        foreach (var number in Enumerable.Range(1, count))
            ledger.Delivered((ulong)number);
        return ledger;
    }
}
