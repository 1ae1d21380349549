using Millrace.PerspectiveClassifier.Calibration;

namespace Millrace.PerspectiveClassifier.Tests.Calibration;

public sealed class AttributeAgreementTests
{
    [Fact]
    public void Figures_are_those_worked_out_by_hand()
    {
        var agreement = AttributeAgreement.Of([new(0.1, 0.2), new(0.2, 0.1), new(0.3, 0.6), new(0.3, 0.4), new(0.9, 0.95)]);

        // Ranks 1 2 3.5 3.5 5 against 2 1 4 3 5.
        Assert.Equal(0.8721, agreement.Spearman!.Value, 4);
        // Two of five at or above 0.5; of six pairings one is a tie.
        Assert.Equal(5.5 / 6, agreement.AucAt["0.5"], 4);
        Assert.Equal(1, agreement.AucAt["0.9"]);
        Assert.Equal(0.13, agreement.MeanAbsoluteDifference, 4);
    }

    [Fact]
    public void Where_there_is_nothing_to_compare_nothing_is_claimed()
    {
        var agreement = AttributeAgreement.Of([new(0.1, 0.2), new(0.1, 0.2)]);

        Assert.Null(agreement.Spearman);
        Assert.Empty(agreement.AucAt);
    }
}
