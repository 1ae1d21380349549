using Microsoft.Extensions.Configuration;

namespace Millrace.Storage.Tests;

public sealed class StoreOptionsTests
{
    [Fact]
    public void Options_come_from_the_configuration_and_what_it_leaves_out_keeps_its_default()
    {
        Assert.Equal(new StoreOptions { ReadConnections = 9, SqliteCacheMiB = 16 }, Read(("ReadConnections", "9"), ("SqliteCacheMiB", "16")));
        Assert.Equal(new StoreOptions(), Read());
    }

    [Theory]
    [InlineData("ReadConnections", "many")]
    [InlineData("ReadConnexions", "9")]
    public void What_can_not_be_read_and_what_is_unknown_is_named(string name, string value)
    {
        var error = Assert.Throws<StoreException>(() => Read((name, value)));

        Assert.Equal(StoreFailure.Configuration, error.Failure);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private static StoreOptions Read(params (string Name, string Value)[] settings) => StoreOptions.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Store:{setting.Name}", (string?)setting.Value))).Build());
}
