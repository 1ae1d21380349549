using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests.Conformance;

public abstract partial class StoreConformance
{
    public static TheoryData<string> HostileTexts =>
    [
        "'; DROP TABLE requests; --", "\"quoted\" \\back\\slash\\", "%_*?[a-z]$where", "line\r\nline\ttab", "nul\0in\0side\0", "\0",
        "\u001A sub \u001A0 \u001A1", "👩‍👩‍👧‍👦 emoji 🏳️‍🌈", "\u202Eright to left\u202C שלום مرحبا", "e\u0301 against \u00E9", "\uFFFF\uFFFE\uE000",
        " spaces around ", "$set.a.b", new string('x', 500),
    ];

    [Theory, MemberData(nameof(HostileTexts))]
    public async Task Texts_come_back_as_they_were_whatever_they_hold(string text)
    {
        var first = Accepted(workflow: text, key: text, parent: null) with
        {
            Outputs = [new(text, Bytes(text))],
            Counts = [new CountDelta(text, text, "running", 1)],
            Effects = Bytes(text),
            Timeline = Bytes(text),
        };
        var second = After(first, r => Finish(r, "failed", Start) with { ErrorCode = text, ErrorStep = text });
        var child = Accepted(parent: new ParentReference(first.Record.Id, text, 0));
        var ticket = (await CommitAsync(first, child)).Ticket;
        await CommitAsync(second);

        var loaded = await LoadAsync(first.Record.Id);
        AssertSame(second.Record, loaded.Record);
        Assert.Equal((text, text), (Assert.Single(loaded.Outputs).Name, Text(loaded.Outputs[0].Body)));
        Assert.Equal(new RequestCount(text, text, "running", 1), Assert.Single(await Requests.CountAsync(Now)));
        Assert.Single(await ListAllAsync(new RequestQuery { Workflow = text, Key = text, ErrorCode = text, ErrorStep = text }));
        Assert.Single(await ListAllAsync(new RequestQuery { ErrorCode = text }));
        Assert.Single(await Requests.ReadChildrenAsync(first.Record.Id, text, 0, 10, Now));
        Assert.Equal(text, Text(Assert.Single(await Requests.ReadTimelineAsync(first.Record.Id, 0, Now)).Events));
        await Requests.CommitAsync([], [ticket], Owner, Start, Now);
        Assert.Equal(1, await Requests.DeleteFinishedAsync(text, Start.AddDays(1), 10, Now));
        Assert.Empty(await Requests.CountAsync(Now));
    }

    [Theory, MemberData(nameof(HostileTexts))]
    public async Task Document_and_cache_keys_may_hold_anything(string text)
    {
        Assert.Equal(1, await Store.Documents.PutAsync(text, Bytes(text), 0, Now));
        await Store.Results.PutAsync([new(text, Bytes(text), Start)], Now);

        Assert.Equal(text, (await Store.Documents.GetAsync(text, Now))!.Key);
        Assert.Equal(text, Assert.Single(await Store.Documents.ListAsync(text.EnumerateRunes().First().ToString(), 10, Now)).Key);
        Assert.Equal(text, Text(Assert.Single(await Store.Results.GetAsync([text], Start.AddSeconds(-1), Now))!.Value));
    }

    [Fact]
    public async Task Over_long_texts_are_refused_and_nothing_of_the_batch_is_saved()
    {
        var fine = Accepted();
        var longText = new string('k', 100_000);
        RequestChange[] bad =
        [
            Accepted(key: longText), Accepted(workflow: longText), Accepted(key: new string('é', RequestRecord.MaxKeyBytes)),
            Accepted() with { Outputs = [new(longText, default)] }, Accepted() with { Counts = [new(longText, "", "", 1)] },
            Accepted(parent: new ParentReference(Guid.NewGuid(), longText, 0)),
        ];
        foreach (var change in bad)
            Assert.Contains(change.Record.Id.ToString(), (await Assert.ThrowsAsync<ArgumentException>(() => CommitAsync(fine, change))).Message);

        Assert.Null(Assert.Single(await Requests.LoadAsync([fine.Record.Id], Now)));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Documents.PutAsync(longText, default, null, Now));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Documents.PutAsync("k", new byte[(15 << 20) + 1], null, Now));
    }

    [Fact]
    public async Task The_longest_allowed_key_is_stored_and_found()
    {
        var noise = new Random(3);
        var key = string.Concat(Enumerable.Range(0, RequestRecord.MaxKeyBytes).Select(_ => (char)noise.Next('!', '~')));
        await CommitAsync(Accepted(key: key));

        Assert.Equal(key, Assert.Single(await ListAllAsync(new RequestQuery { Key = key })).Key);
    }
}
