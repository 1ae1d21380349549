using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Reasons;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Scripting;

/// <summary>
/// A script: a workflow, then lines <c>moment verb what</c>, each followed by what must come of it, indented. Lines with # are
/// for the reader.
/// </summary>
internal sealed class Script
{
    private readonly StringBuilder _output = new();
    private WorkflowDefinition? _definition;
    private RequestState _state = RequestState.None;
    private StepGate[]? _gates;

    /// <summary>The script again, with what really came of every line.</summary>
    public static string Run(string text)
    {
        var script = new Script();
        var definition = new List<string>();
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.StartsWith("    ", StringComparison.Ordinal))
                continue;
            script._output.Append(line).Append('\n');
            if (line.Split(' ')[0] is "workflow" or "step" or "task")
                definition.Add(line);
            else if (line.Length > 0 && line[0] != '#')
                script.Do(definition, line);
        }
        return script._output.ToString().TrimEnd('\n') + "\n";
    }

    private void Do(List<string> definition, string line)
    {
        _definition ??= ScriptDefinition.Read(definition);
        var words = line.Split(' ', 3);
        var at = Moments.At(words[0]);
        var rest = words.Length > 2 ? words[2] : "";
        foreach (var answer in Answer(at, words[1], rest).TrimEnd('\n').Split('\n'))
            _output.Append("    ").Append(answer).Append('\n');
    }

    private string Answer(DateTimeOffset at, string verb, string rest)
    {
        var words = rest.Split(' ');
        switch (verb)
        {
            case "pause":
                return Gate(words[0], new StepGate(true, words.Length > 1 ? Moments.At(words[1]) : null));
            case "close":
                return Gate(words[0], new StepGate(false, Moments.At(words[1])));
            case "crowd":
                return Gate(words[0], new StepGate(false, null, IsCrowded: true));
            case "round":
                return Gate(words[0], new StepGate(false, null, Round: Number(words[1])));
            case "void":
                return Gate(words[0], new StepGate(false, null, Round: Number(words[1]) + 1) { Void = Number(words[1]) });
            case "open":
                return Gate(words[0], StepGate.Open);
            case "why":
                return Explain(at, words);
            case "children":
                var (from, count) = (Number(words[1]), Number(words[2]));
                return string.Join('\n', ChildInputs.Of(_definition!, _state, Step(words[0]), from, count).Select(ScriptPrinter.Text));
            case "gather":
                return GatherOf(words);
        }
        var happened = ScriptEvents.Read(_definition!, _state, at, verb, rest);
        var transition = WorkflowEngine.Apply(_definition!, _state, _gates is null ? happened : happened with { Gates = [.. _gates] });
        _state = transition.State;
        return ScriptPrinter.Print(_definition!, transition);
    }

    private string Gate(string step, StepGate gate)
    {
        _gates ??= new StepGate[_definition!.Steps.Length];
        _gates[Step(step)] = gate;
        return "ok";
    }

    private string Explain(DateTimeOffset at, string[] known)
    {
        var facts = new StepFacts?[_state.Steps.Length];
        foreach (var pair in known.Where(word => word.Contains('=', StringComparison.Ordinal)).Select(word => word.Split('.', '=')))
        {
            var step = Step(pair[0]);
            var fact = facts[step] ?? StepFacts.None;
            facts[step] = pair[1] switch
            {
                "consumers" => fact with { Consumers = Number(pair[2]) },
                "messages" => fact with { Messages = Number(pair[2]) },
                "ahead" => fact with { Ahead = Number(pair[2]) },
                "sent" => fact with { IsUnsent = pair[2] == "no" },
                "broker" => fact with { IsBrokerAway = pair[2] == "away" },
                "item" => fact with { Item = new ItemReason(3, new WhyReason(pair[2], $"It is {pair[2]}.", "x", Ahead: 5)) },
                "paused" => fact with { PausedBy = pair[2], PausedAt = Moments.Start },
                "queue" when pair[2] == "full" => fact with { Refusal = new QueueRefusal(WhyCodes.QueueFull, "refused") },
                "queue" when pair[2] == "silent" => fact with { Refusal = new QueueRefusal(WhyCodes.QueueUnavailable, "no confirm within 30000 ms") },
                "queue" => fact with { IsQueueMissing = pair[2] == "missing" },
                _ => fact with { Refusal = new QueueRefusal(WhyCodes.Unroutable, pair[2]) },
            };
        }
        var reason = Why.Of(_definition!, _state, at, new WhyFacts([.. facts]));
        return reason is null ? "no reason" : $"{reason.Code}: {reason.Sentence}";
    }

    /// <summary>gather task input results..., each a result or !type for one that failed.</summary>
    private string GatherOf(string[] words)
    {
        var task = _definition!.Tasks[_definition.IndexOfTask(words[0])];
        var gather = new Gather(task, Encoding.UTF8.GetBytes(words[1]), 10_000);
        foreach (var result in words.Skip(2))
        {
            if (result[0] == '!')
                gather.AddFailed(new StepFailure(result[1..], "It failed."));
            else
                gather.Add(Encoding.UTF8.GetBytes(result));
        }
        return ScriptPrinter.Text(gather.Complete().Output);
    }

    private int Step(string name) => _definition!.GraphOf(_state.Scope).IndexOf(name);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
