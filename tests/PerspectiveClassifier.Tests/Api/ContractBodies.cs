namespace Millrace.PerspectiveClassifier.Tests.Api;

/// <summary>Bodies of <c>comments:analyze</c> that our own route and the tests' emulator must judge alike.</summary>
public static class ContractBodies
{
    private const string Rest = """{"comment":{"text":"hello you"},"languages":["en"],"requestedAttributes":{"TOXICITY":{}}""";

    public static TheoryData<string> Malformed =>
    [
        "[]",
        Rest + ""","colour":"red"}""",
        Rest + ""","doNotStore":"yes"}""",
        Rest + ""","do_not_store":1}""",
        Rest + ""","clientToken":7}""",
        Rest + ""","sessionId":{}}""",
        Rest + ""","communityId":[]}""",
        Rest + ""","context":"before"}""",
        Rest + ""","context":{"entries":[{"text":"before","colour":"red"}]}}""",
        Rest + ""","context":{"entries":[null]}}""",
        """{"comment":{"text":"hello you","foo":1},"languages":["en"],"requestedAttributes":{"TOXICITY":{}}}""",
        """{"comment":{"text":"hello you"},"languages":["en"],"requestedAttributes":{"TOXICITY":{"foo":1}}}""",
        """{"comment":{"text":"hello you"},"languages":["en"],"requestedAttributes":{"TOXICITY":{"scoreThreshold":"high"}}}""",
        """{"comment":{"text":"hello you"},"languages":"en","requestedAttributes":{"TOXICITY":{}}}""",
        """{"comment":{"text":"hello you"},"languages":[null],"requestedAttributes":{"TOXICITY":{}}}""",
        """{"comment":{"text":"hello you"},"languages":["en"],"requestedAttributes":["TOXICITY"]}""",
    ];

    public static TheoryData<string> Good =>
    [
        Rest + "}",
        Rest + ""","doNotStore":null,"clientToken":null,"context":{"articleAndParentComment":{"parentComment":{"text":"before"}}}}""",
        """{"comment":{"text":"hello you","type":"TEXT_TYPE_UNSPECIFIED"},"languages":["en"],"requestedAttributes":{"TOXICITY":{"scoreType":"SCORE_TYPE_UNSPECIFIED"}}}""",
        """{"comment":{"text":"hello you"},"languages":["en"],"requested_attributes":{"TOXICITY":{"score_threshold":0.1}},"do_not_store":true,"span_annotations":false}""",
    ];
}
