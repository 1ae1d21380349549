using YamlDotNet.RepresentationModel;

namespace Millrace.Infra.Tests;

/// <summary>What every workload must have. The manifests are not applied to a cluster here: there is none.</summary>
public sealed class KubernetesTests
{
    private const string Base = "infra/kubernetes/base";

    public static TheoryData<string> Services => ["workflow-manager", "preprocessing", "perspective-classifier", "gpu-embedding", "drift-monitor"];

    [Fact]
    public void The_kustomization_names_every_file_and_every_file_exists()
    {
        var resources = ((YamlSequenceNode)Manifests.Read(Base + "/kustomization.yaml")[0].At("resources")!).Select(node => node.ToString()).Order().ToArray();
        var files = Directory.GetFiles(Path.Combine(Manifests.Root, Base), "*.yaml").Select(path => Path.GetFileName(path)).Where(name => name != "kustomization.yaml").Order().ToArray();

        Assert.Equal(files, resources);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_workload_runs_as_nobody_with_probes_limits_and_a_disruption_budget(string service)
    {
        var documents = Manifests.Read($"{Base}/{service}.yaml");
        var pod = documents.Single(document => document.Text("kind") == "Deployment").At("spec/template/spec")!;

        Assert.Equal("true", pod.Text("securityContext/runAsNonRoot"));
        Assert.Equal("true", pod.Text("containers/0/securityContext/readOnlyRootFilesystem"));
        Assert.Equal("false", pod.Text("containers/0/securityContext/allowPrivilegeEscalation"));
        Assert.Equal(["run", service], ((YamlSequenceNode)pod.At("containers/0/args")!).Select(node => node.ToString()));
        foreach (var probe in (string[])["startupProbe", "readinessProbe", "livenessProbe"])
            Assert.StartsWith("/health/", pod.Text($"containers/0/{probe}/httpGet/path"), StringComparison.Ordinal);
        Assert.NotNull(pod.At("containers/0/resources/limits/memory"));
        Assert.Contains(documents, document => document.Text("kind") == "PodDisruptionBudget");
    }

    [Theory]
    [InlineData("workflow-manager", "manager", true)]
    [InlineData("preprocessing", "worker", false)]
    [InlineData("perspective-classifier", "worker", true)]
    [InlineData("gpu-embedding", "worker", false)]
    [InlineData("drift-monitor", "drift", true)]
    public void A_workload_gets_the_brokers_address_of_its_own_role_and_the_store_only_if_it_keeps_something(string service, string role, bool keeps)
    {
        var container = Manifests.Read($"{Base}/{service}.yaml")[0].At("spec/template/spec/containers/0")!;
        var secrets = ((YamlSequenceNode)container.At("env")!)
            .Where(variable => variable.At("valueFrom") is not null)
            .ToDictionary(variable => variable.Text("name")!, variable => (variable.Text("valueFrom/secretKeyRef/name"), variable.Text("valueFrom/secretKeyRef/key")));

        Assert.Equal(("millrace-broker", role), secrets["MILLRACE_BROKER"]);
        Assert.Equal(keeps, secrets.ContainsKey("MILLRACE_STORE"));
        Assert.Equal(
            ["millrace-access"],
            ((YamlSequenceNode)container.At("envFrom")!).Select(source => source.Text("secretRef/name")).OfType<string>());
    }

    [Fact]
    public void What_scales_the_workers_looks_at_the_queues_as_a_worker()
    {
        var host = Manifests.Read($"{Base}/triggers.yaml")[0].At("spec/secretTargetRef/0")!;

        Assert.Equal(("millrace-broker", "worker"), (host.Text("name"), host.Text("key")));
    }

    [Theory]
    [InlineData("preprocessing")]
    [InlineData("perspective-classifier")]
    [InlineData("gpu-embedding")]
    public void A_worker_scales_on_the_length_of_its_own_queue(string service)
    {
        var scaled = Manifests.Read($"{Base}/{service}.yaml").Single(document => document.Text("kind") == "ScaledObject");

        Assert.Equal(service, scaled.Text("spec/triggers/0/metadata/queueName"));
        Assert.Equal("QueueLength", scaled.Text("spec/triggers/0/metadata/mode"));
        Assert.Equal(service, scaled.Text("spec/scaleTargetRef/name"));
    }

    [Fact]
    public void The_GPU_overlay_asks_for_a_node_with_a_GPU()
    {
        var pod = Manifests.Read("infra/kubernetes/overlays/gpu/gpu-embedding.yaml")[0].At("spec/template/spec")!;

        var selector = (YamlMappingNode)pod.At("nodeSelector")!;
        Assert.Equal("true", selector.Children[new YamlScalarNode("nvidia.com/gpu.present")].ToString());
        var limits = (YamlMappingNode)pod.At("containers/0/resources/limits")!;
        Assert.Equal("1", limits.Children[new YamlScalarNode("nvidia.com/gpu")].ToString());
    }
}
