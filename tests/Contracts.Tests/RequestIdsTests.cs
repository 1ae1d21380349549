namespace Millrace.Contracts.Tests;

public sealed class RequestIdsTests
{
    [Fact]
    public void The_same_workflow_and_key_are_the_same_request_and_others_are_not()
    {
        var id = RequestIds.ForKey("enrich-post", "at://did/post/1");
        Assert.Equal(id, RequestIds.ForKey("enrich-post", "at://did/post/1"));
        Assert.NotEqual(id, RequestIds.ForKey("enrich-post", "at://did/post/2"));
        Assert.NotEqual(id, RequestIds.ForKey("other", "at://did/post/1"));
        Assert.Equal(5, id.Version);
    }

    [Fact]
    public void A_child_is_named_by_its_place()
    {
        var parent = RequestIds.ForKey("w", "k");
        var children = Enumerable.Range(0, 1_000).Select(index => RequestIds.ForChild(parent, "sections", index)).ToArray();
        Assert.Equal(1_000, children.Distinct().Count());
        Assert.NotEqual(children[0], RequestIds.ForChild(parent, "other", 0));
    }
}
