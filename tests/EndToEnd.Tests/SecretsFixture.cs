using System.Text;
using System.Text.Json.Nodes;
using Millrace.PerspectiveEmulator;
using Millrace.Testing;
using Millrace.Testing.Otlp;

namespace Millrace.EndToEnd.Tests;

/// <summary>The whole suite with a secret wherever one can be configured, and everything that it has told anybody about itself.</summary>
public sealed class SecretsFixture : IAsyncLifetime
{
    private const string BrokerUser = "planted";
    private const string BrokerPassword = "planted-broker-password";
    private const string PerspectiveKey = "planted-perspective-key";
    private const string SeqKey = "planted-seq-key";
    private const string OtlpKey = "planted-otlp-key";
    private const string DirectoryKey = "planted-directory-key";

    private readonly TemporaryFolder _folder = new("secrets");
    private readonly List<string> _refusals = [];
    private readonly SignedTokens _tokens = new();
    private readonly RecordedAnswers _answers = new();
    private MillraceProcess _suite = null!;
    private OtlpReceiver _seq = null!;

    /// <summary>A word of every text that is sent, and nowhere else.</summary>
    public const string TextMarker = "Plantedword";

    /// <summary>A key and a password that are almost right.</summary>
    public const string WrongSecret = "planted-mistyped-secret";

    public RabbitMqNode Broker { get; private set; } = null!;

    public PostgresServer Postgres { get; private set; } = null!;

    public PerspectiveServer Perspective { get; private set; } = null!;

    public ManagerClient Manager { get; private set; } = null!;

    public string ApiKey { get; private set; } = "";

    /// <summary>A token of the issuer that the suite believes, and one of another issuer.</summary>
    public string Token { get; private set; } = "";

    public string WrongToken { get; private set; } = "";

    /// <summary>Also for what is said to whom; in its views a caller finds the texts of posts, as it should.</summary>
    public IReadOnlyList<string> Credentials =>
    [
        ApiKey, BrokerPassword, PasswordOf(Postgres.Url()), PerspectiveKey, SeqKey, OtlpKey, DirectoryKey, SignatureOf(Token), SignatureOf(WrongToken), WrongSecret,
    ];

    public string BrokerUrl => $"amqp://{BrokerUser}:{BrokerPassword}@127.0.0.1:{Broker.Port}";

    public IReadOnlyList<string> Secrets => [.. Credentials, TextMarker];

    /// <summary>A client whose answers are kept.</summary>
    public ManagerClient Connect() => new(_suite.Url, _answers);

    public static string Mistype(string url) => url.Replace(PasswordOf(url), WrongSecret, StringComparison.Ordinal);

    public async ValueTask InitializeAsync()
    {
        (Broker, Postgres) = (await RabbitMqNode.StartAsync(), await PostgresServer.StartAsync());
        await Broker.ControlAsync(["add_user", BrokerUser, BrokerPassword]);
        await Broker.ControlAsync(["set_permissions", BrokerUser, ".*", ".*", ".*"]);
        var emulated = new EmulatorOptions { ApiKeys = [PerspectiveKey], LatencyMs = 1 };
        Perspective = await PerspectiveServer.StartAsync(emulated, CancellationToken.None);
        _seq = await OtlpReceiver.StartAsync();
        var made = JsonNode.Parse((await MillraceProcess.RunAsync(["key", "ann", "--role", "operate", "--json"])).Output)!;
        ApiKey = made["key"]!.ToString();
        await File.WriteAllTextAsync(PublicKeyFile, _tokens.PublicKey);
        using var others = new SignedTokens();
        (Token, WrongToken) = (_tokens.Create(), others.Create());
        _suite = await MillraceProcess.ServeAsync(
            Environment(made["configuration"]!["sha256"]!.ToString()),
            ["up", "--broker", BrokerUrl, "--store", Postgres.Url(), "--seq", _seq.Url, .. LoggingAll("suite.log")]);
        Manager = Connect();
        Manager.Http.DefaultRequestHeaders.Add("X-Api-Key", ApiKey);
    }

    /// <summary>A start that must fail.</summary>
    public async Task StartInVainAsync(string broker, string store)
    {
        var (exitCode, output, error) = await MillraceProcess.RunAsync(
            ["up", "--broker", broker, "--store", store, "--port", "0", .. LoggingAll("vain.log")]);
        Assert.NotEqual(0, exitCode);
        _refusals.Add(output + error);
    }

    /// <summary>Ends the suite, so that everything is written, and gives all of it by where it was found.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ToldAsync()
    {
        // Not ready, by the way: Perspective refuses the key.
        using var ready = await Manager.Http.GetAsync("health/ready");
        var (health, metrics) = (await ready.Content.ReadAsStringAsync(), await Manager.Http.GetStringAsync("metrics"));
        Assert.Equal(0, await _suite.StopAsync());
        return new Dictionary<string, string>
        {
            ["console"] = _suite.Log,
            ["log files"] = string.Concat(Directory.GetFiles(_folder.Path, "*.log").Select(File.ReadAllText)),
            ["refused starts"] = string.Concat(_refusals),
            ["Seq's log lines and traces"] = string.Concat(_seq.Bodies.Select(Encoding.UTF8.GetString)),
            ["health"] = health,
            ["metrics"] = metrics,
            ["problems, timelines and reasons"] = _answers.OwnWords,
        };
    }

    /// <summary>Everything that callers were answered until now.</summary>
    public string Answers => _answers.All;

    public async ValueTask DisposeAsync()
    {
        Manager?.Dispose();
        _answers.Dispose();
        _tokens.Dispose();
        foreach (var part in (IAsyncDisposable?[])[_suite, _seq, Perspective, Postgres, Broker])
        {
            if (part is not null)
                await part.DisposeAsync();
        }
        _folder.Dispose();
    }

    private string[] LoggingAll(string file) => ["--log-level", "Trace", "--log-file", Path.Combine(_folder.Path, file)];

    private string PublicKeyFile => Path.Combine(_folder.Path, "issuer.pem");

    private static string SignatureOf(string token) => token[(token.LastIndexOf('.') + 1)..];

    private static string PasswordOf(string url) => new Uri(url).UserInfo.Split(':')[1];

    private Dictionary<string, string> Environment(string keyHash) => new()
    {
        ["Access__Keys__0__Name"] = "ann",
        ["Access__Keys__0__Sha256"] = keyHash,
        ["Access__Keys__0__Roles__0"] = "operate",
        ["Access__Jwt__Issuer"] = SignedTokens.Issuer,
        ["Access__Jwt__Audience"] = SignedTokens.Audience,
        ["Access__Jwt__PublicKeyFile"] = PublicKeyFile,
        ["Observability__SeqKey"] = SeqKey,
        ["Observability__OtlpUrl"] = _seq.Url,
        ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-key=" + OtlpKey,
        ["Directory__Services__0__Name"] = "faraway",
        ["Directory__Services__0__Url"] = Perspective.BaseUrl.ToString(),
        ["Directory__Services__0__Key"] = DirectoryKey,
        ["Classifier__Instances__local__Queue"] = "local",
        ["Classifier__Instances__remote__Provider"] = "Perspective",
        ["Classifier__Instances__remote__Perspective__ApiKey"] = PerspectiveKey,
        ["Classifier__Instances__remote__Perspective__BaseUrl"] = Perspective.BaseUrl.ToString(),
        ["Classifier__Instances__remote__Perspective__MaxRetries"] = "0",
        ["Classifier__Instances__remote__Perspective__QuotaPermits"] = "600",
    };
}
