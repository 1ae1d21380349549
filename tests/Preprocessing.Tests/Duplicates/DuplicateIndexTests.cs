using Millrace.Preprocessing.Duplicates;

namespace Millrace.Preprocessing.Tests.Duplicates;

public sealed class DuplicateIndexTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private const string Text = "The old mill by the river has turned its wheel for three hundred years without rest";

    private readonly TestClock _clock = new();

    [Fact]
    public void The_first_post_of_a_text_is_the_original_and_never_its_own_duplicate()
    {
        var index = new DuplicateIndex(10, _clock);

        Assert.Equal(DuplicateVerdict.None, Register(index, "a", Text));
        Assert.Equal("a", Register(index, "b", Text).ExactOf);
        Assert.Equal(DuplicateVerdict.None, Register(index, "a", Text));
        Assert.Equal("a", Register(index, "b", Text).ExactOf);
    }

    [Fact]
    public void An_added_word_makes_a_near_duplicate_and_another_text_is_none()
    {
        var index = new DuplicateIndex(10, _clock);
        Register(index, "a", Text);

        var near = Register(index, "b", Text + " today");
        var other = Register(index, "c", "A completely different sentence that talks about bread and butter and long walks in the rain");

        Assert.Null(near.ExactOf);
        Assert.Equal("a", near.NearOf);
        Assert.InRange(near.Likeness, 0.8, 0.99);
        Assert.Equal(DuplicateVerdict.None, other);
    }

    [Fact]
    public void What_is_older_than_the_window_is_forgotten()
    {
        var index = new DuplicateIndex(10, _clock);
        Register(index, "a", Text);
        _clock.Advance(Day + TimeSpan.FromSeconds(1));

        Assert.Equal(DuplicateVerdict.None, Register(index, "b", Text));
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public void The_memory_is_bounded_and_the_oldest_go_first()
    {
        var index = new DuplicateIndex(3, _clock);
        for (var post = 0; post < 100; post++)
            Register(index, $"p{post}", $"{Text} number {post}");

        Assert.Equal(3, index.Count);
        Assert.Null(Register(index, "again", $"{Text} number 0").ExactOf);
        Assert.Equal("p99", Register(index, "late", $"{Text} number 99").ExactOf);
    }

    [Fact]
    public void An_edited_post_takes_the_place_of_its_earlier_text()
    {
        var index = new DuplicateIndex(10, _clock);
        Register(index, "a", Text);
        Register(index, "a", "Now it says something else entirely, about boats and about bridges over the sea");

        Assert.Equal(DuplicateVerdict.None, Register(index, "b", Text));
    }

    [Fact]
    public void Likeness_estimates_the_share_of_common_pieces()
    {
        var whole = MinHash.Of(new string([.. Enumerable.Range(0, 2_000).Select(at => (char)('a' + (at * at * 31 % 8191 % 26)))]), 5)!;

        Assert.Equal(1, whole.Likeness(whole));
        Assert.Null(MinHash.Of("short", 40));
    }

    private static DuplicateVerdict Register(DuplicateIndex index, string uri, string text) =>
        index.Register(uri, text, MinHash.Of(text, 40), Day, 0.8);
}
