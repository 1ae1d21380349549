using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Tests.Requests;

public sealed class ItemSetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(999)]
    public void It_holds_what_was_added_in_whatever_order(int stride)
    {
        const int Total = 1000;
        var set = ItemSet.Empty;
        var model = new HashSet<int>();
        for (var index = 0; index < Total; index++)
        {
            var item = index * stride % Total;
            set = set.Add(item).Add(item);
            model.Add(item);
            Assert.Equal(model.Count, set.Count);
        }
        Assert.All(Enumerable.Range(0, Total + 100), item => Assert.Equal(model.Contains(item), set.Contains(item)));
    }

    [Fact]
    public void It_stays_small_when_it_fills_up_from_the_front()
    {
        var set = ItemSet.Empty;
        for (var item = 0; item < 100_000; item++)
        {
            set = set.Add(item);
            Assert.InRange(set.Words.Length, 0, 1);
        }
        Assert.Equal((100_000 / 64 * 64, 100_000), (set.Floor, set.Count));
    }

    [Fact]
    public void One_straggler_costs_bits_until_it_comes()
    {
        var set = Enumerable.Range(1, 640).Aggregate(ItemSet.Empty, (filled, item) => filled.Add(item));

        Assert.Equal((0, 11), (set.Floor, set.Words.Length));
        Assert.Equal((640, 1), (set.Add(0).Floor, set.Add(0).Words.Length));
        Assert.Equal(set.Add(0).Count, new ItemSet(640, set.Add(0).Words).Count);
    }

    [Theory]
    [InlineData(-64)]
    [InlineData(63)]
    public void A_floor_between_words_is_refused(int floor) => Assert.Throws<ArgumentOutOfRangeException>(() => new ItemSet(floor, []));
}
