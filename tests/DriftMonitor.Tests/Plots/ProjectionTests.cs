using Millrace.DriftMonitor.Plots;
using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Tests.Plots;

public sealed class ProjectionTests
{
    [Fact]
    public void The_two_directions_of_most_variance_are_found_in_their_order()
    {
        // A rectangle of 8 by 2 in the plane of the axes (0, 1, 1, 0) and (1, 0, 0, 1), off the origin.
        (double Long, double Short)[] places = [(-4, -1), (-4, 1), (4, -1), (4, 1), (0, 1), (0, -1)];
        var half = Math.Sqrt(0.5);
        var values = places.SelectMany(place => new[] { 5 + half * place.Short, 7 + half * place.Long, -3 + half * place.Long, half * place.Short });

        var points = Projection.Of(new Samples([.. values.Select(value => (float)value)], 4));

        var (x, y) = (Math.Sign(points[3].X), Math.Sign(points[3].Y));
        Assert.All(points.Zip(places), pair =>
        {
            Assert.Equal(pair.Second.Long, x * pair.First.X, 3);
            Assert.Equal(pair.Second.Short, y * pair.First.Y, 3);
        });
    }

    [Fact]
    public void Equal_rows_fall_on_one_point() =>
        Assert.All(Projection.Of(new Samples([1, 2, 1, 2, 1, 2], 2)), point => Assert.Equal((0, 0), point));
}
