using Millrace.WorkflowManager.Engine.Reasons;

namespace Millrace.WorkflowManager.Engine.Tests.Reasons;

public sealed class WhyCodeTests
{
    [Fact]
    public void Every_code_has_its_weight()
    {
        var codes = typeof(WhyCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!);

        Assert.Equal(codes.Order(), WhyCodes.ByWeight.Order());
        Assert.All(codes, code => Assert.Matches("^[a-z_]+$", code));
    }
}
