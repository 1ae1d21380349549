using FsCheck;
using FsCheck.Fluent;
using Millrace.Inference.Batching;

namespace Millrace.Inference.Tests.Batching;

public sealed class BatchPlannerTests
{
    private static readonly Arbitrary<int[]> Lengths = Gen.Choose(1, 400).NonEmptyListOf().Select(list => list.ToArray()).ToArbitrary();

    private static readonly Arbitrary<BatchLimits> Limits = (
        from tokens in Gen.Choose(1, 4_000)
        from items in Gen.Choose(1, 64)
        from padding in Gen.Choose(0, 100)
        select new BatchLimits(tokens, items, padding / 100d)).ToArbitrary();

    [Fact]
    public void A_batch_keeps_every_limit_unless_it_is_one_item() => Check(
        Prop.ForAll(Lengths, Limits, (lengths, limits) =>
        {
            var batch = BatchPlanner.Next(lengths, limits);
            var padded = batch.Max(position => lengths[position]) * batch.Length;
            var padding = padded - batch.Sum(position => lengths[position]);
            return batch.Length == 1
                || (padded <= limits.MaxTokens && batch.Length <= limits.MaxItems && padding <= limits.MaxPaddingShare * padded);
        }));

    [Fact]
    public void The_oldest_item_is_in_every_batch_and_no_item_twice() => Check(
        Prop.ForAll(Lengths, Limits, (lengths, limits) =>
        {
            var batch = BatchPlanner.Next(lengths, limits);
            return batch.Contains(0) && batch.Distinct().Count() == batch.Length;
        }));

    [Fact]
    public void No_item_waits_for_more_batches_than_there_were_items_before_it_however_many_arrive() => Check(
        Prop.ForAll(Lengths, Limits, (lengths, limits) =>
        {
            var random = new Random(lengths.Length);
            var waiting = lengths.Select((length, age) => (length, age)).ToList();
            for (var batches = 0; waiting.Any(item => item.age >= 0); batches++)
            {
                if (waiting.Exists(item => item.age >= 0 && item.age < batches))
                    return false;
                var chosen = BatchPlanner.Next([.. waiting.Select(item => item.length)], limits).ToHashSet();
                waiting = [.. waiting.Where((_, position) => !chosen.Contains(position)), (random.Next(1, 400), -1), (random.Next(1, 400), -1)];
            }
            return true;
        }));

    [Fact]
    public void Neighbours_by_length_travel_together()
    {
        int[] lengths = [50, 7, 300, 52, 48, 8, 51, 290];
        Assert.Equal([4, 0, 6, 3], BatchPlanner.Next(lengths, new BatchLimits(1_000, 64, 0.1)));
    }

    [Fact]
    public void Padding_stays_under_a_tenth_on_lengths_as_posts_have_them()
    {
        var random = new Random(5);
        var waiting = Enumerable.Range(0, 512).Select(_ => Length(random)).ToList();
        long tokens = 0, padded = 0;
        for (var batches = 0; batches < 2_000; batches++)
        {
            var chosen = BatchPlanner.Next([.. waiting], new BatchLimits(2_048, 256, 0.08));
            tokens += chosen.Sum(position => waiting[position]);
            padded += (long)chosen.Max(position => waiting[position]) * chosen.Length;
            var taken = chosen.ToHashSet();
            waiting = [.. waiting.Where((_, position) => !taken.Contains(position)), .. chosen.Select(_ => Length(random))];
        }
        Assert.InRange(1 - ((double)tokens / padded), 0, 0.1);
    }

    private static int Length(Random random) => 3 + (int)(Math.Exp(random.NextDouble() * 4) * 1.5);

    private static void Check(Property property) => property.QuickCheckThrowOnFailure();
}
