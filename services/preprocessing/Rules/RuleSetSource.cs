using Microsoft.Extensions.Logging;
using Millrace.Contracts;

namespace Millrace.Preprocessing.Rules;

/// <summary>
/// The rules in force. A changed file is taken up while the service runs; a file that has become wrong is reported and
/// the rules before it stay.
/// </summary>
internal sealed partial class RuleSetSource
{
    private readonly Lock _lock = new();
    private readonly string? _path;
    private readonly TimeSpan _checkEvery;
    private readonly TimeProvider _clock;
    private readonly ILogger<RuleSetSource> _logger;
    private RuleSet _current;
    private DateTime _writtenAt;
    private DateTimeOffset _nextCheck;

    public RuleSetSource(PreprocessingOptions options, TimeProvider clock, ILogger<RuleSetSource> logger)
    {
        _path = options.RulesPath;
        _checkEvery = TimeSpan.FromMilliseconds(options.RulesCheckIntervalMs);
        _clock = clock;
        _logger = logger;
        _nextCheck = clock.GetUtcNow() + _checkEvery;
        _writtenAt = _path is null ? default : File.GetLastWriteTimeUtc(_path);
        _current = _path is null ? RuleSetReader.Default() : RuleSetReader.ReadFile(_path);
    }

    public RuleSet Current
    {
        get
        {
            lock (_lock)
            {
                if (_path is not null && _clock.GetUtcNow() >= _nextCheck)
                    Reload(_path);
                return _current;
            }
        }
    }

    private void Reload(string path)
    {
        _nextCheck = _clock.GetUtcNow() + _checkEvery;
        var writtenAt = File.GetLastWriteTimeUtc(path);
        if (writtenAt == _writtenAt)
            return;
        _writtenAt = writtenAt;
        try
        {
            var read = RuleSetReader.ReadFile(path);
            LogChanged(read.Name, _current.Version, read.Version);
            _current = read;
        }
        catch (Exception wrong) when (wrong is ConfigurationException or IOException)
        {
            LogRefused(path, _current.Version, wrong.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Rules {RuleSet} changed from version {Before} to {After}")]
    private partial void LogChanged(string ruleSet, string before, string after);

    [LoggerMessage(Level = LogLevel.Error, Message = "Rules in {Path} are wrong, version {Version} stays in force: {Problems}")]
    private partial void LogRefused(string path, string version, string problems);
}
