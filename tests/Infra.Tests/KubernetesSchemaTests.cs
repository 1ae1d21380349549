using k8s;
using YamlDotNet.Core;

namespace Millrace.Infra.Tests;

/// <summary>The manifests read strictly, by the types of Kubernetes' own API: a field that there is not, or of another kind, fails.</summary>
public sealed class KubernetesSchemaTests
{
    /// <summary>KEDA's kinds have no published types for .NET; these hold what its reference lists and we use.</summary>
    private static readonly Dictionary<string, Type> Types = new()
    {
        ["keda.sh/v1alpha1/ScaledObject"] = typeof(KedaObject<ScaledObjectSpec>),
        ["keda.sh/v1alpha1/TriggerAuthentication"] = typeof(KedaObject<TriggerAuthenticationSpec>),
    };

    public static TheoryData<string> Files => [.. Directory
        .EnumerateFiles(Path.Combine(Manifests.Root, "infra/kubernetes"), "*.yaml", SearchOption.AllDirectories)
        .Where(path => Path.GetFileName(path) != "kustomization.yaml")
        .Select(path => Path.GetRelativePath(Manifests.Root, path)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_field_is_one_that_Kubernetes_knows(string path)
    {
        var objects = KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(Manifests.Root, path)), Types, strict: true);

        Assert.NotEmpty(objects);
        Assert.DoesNotContain(null, objects);
    }

    [Theory]
    [InlineData("apiVersion: apps/v1\nkind: Deployment\nspec:\n  replica: 2\n")]
    [InlineData("apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nspec:\n  minReplicas: 2\n")]
    public void A_field_that_there_is_not_is_found(string yaml) =>
        Assert.Throws<YamlException>(() => KubernetesYaml.LoadAllFromString(yaml, Types, strict: true));

    internal sealed class KedaObject<TSpec>
    {
        public string? ApiVersion { get; set; }

        public string? Kind { get; set; }

        public Dictionary<string, string>? Metadata { get; set; }

        public TSpec? Spec { get; set; }
    }

    internal sealed class ScaledObjectSpec
    {
        public TargetReference? ScaleTargetRef { get; set; }

        public int? PollingInterval { get; set; }

        public int? CooldownPeriod { get; set; }

        public int? InitialCooldownPeriod { get; set; }

        public int? MinReplicaCount { get; set; }

        public int? MaxReplicaCount { get; set; }

        public List<Trigger>? Triggers { get; set; }
    }

    internal sealed class TargetReference
    {
        public string? Name { get; set; }
    }

    internal sealed class Trigger
    {
        public string? Type { get; set; }

        public Dictionary<string, string>? Metadata { get; set; }

        public TargetReference? AuthenticationRef { get; set; }
    }

    internal sealed class TriggerAuthenticationSpec
    {
        public List<SecretReference>? SecretTargetRef { get; set; }
    }

    internal sealed class SecretReference
    {
        public string? Parameter { get; set; }

        public string? Name { get; set; }

        public string? Key { get; set; }
    }
}
