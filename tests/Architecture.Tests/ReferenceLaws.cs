namespace Millrace.Architecture.Tests;

/// <summary>References go one way.</summary>
public sealed class ReferenceLaws
{
    private static readonly string[] Hosts = ["Standalone", "Cli"];

    [Fact]
    public void The_engine_references_nothing()
    {
        var engine = Checkout.Projects("services").Single(project => project.Name == "WorkflowManager.Engine");

        Assert.Empty(engine.References);
        Assert.Empty(engine.Packages);
        Assert.DoesNotContain(engine.Xml.Descendants("FrameworkReference"), _ => true);
    }

    [Fact]
    public void Contracts_reference_nothing_of_ours()
    {
        Assert.Empty(Checkout.Projects("shared").Single(project => project.Name == "Contracts").References);
    }

    [Fact]
    public void Services_never_reference_each_other()
    {
        var services = Checkout.Projects("services").Where(project => !Hosts.Contains(project.Name)).ToArray();
        var names = services.Select(project => project.Name).ToHashSet();

        Assert.All(services, service => Assert.DoesNotContain(service.References, name => names.Contains(name) && name != service.Name + ".Engine"));
    }

    [Fact]
    public void The_shared_wing_never_references_a_service()
    {
        var services = Checkout.Projects("services").Select(project => project.Name).ToHashSet();

        Assert.All(Checkout.Projects("shared"), project => Assert.DoesNotContain(project.References, services.Contains));
    }

    [Fact]
    public void Every_test_project_is_in_the_solution_and_every_project_too()
    {
        var solution = File.ReadAllText(Path.Combine(Checkout.Root, "Services.sln"));

        Assert.All(Checkout.Projects("services", "shared", "tests"), project =>
            Assert.Contains(Path.GetFileName(project.Path), solution, StringComparison.Ordinal));
    }
}
