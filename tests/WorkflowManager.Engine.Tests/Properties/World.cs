using System.Text;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Properties;

/// <summary>How unkind the world is.</summary>
/// <param name="Loss">Of a hundred messages, how many never arrive; only steps with a timeout may lose theirs.</param>
/// <param name="Twice">Of a hundred messages, how many arrive twice.</param>
/// <param name="Trouble">Of a hundred replies, how many are a passing failure or a throttle.</param>
/// <param name="Hands">
/// Of a hundred messages, before how many an operator cancels, restarts, pauses or resumes the request; and of a hundred replies to it, how many
/// are a failure for good.
/// </param>
/// <param name="Late">Of a hundred messages of steps with a timeout, how many the broker takes only after their timer has fired, perhaps often.</param>
internal sealed record Weather(int Loss, int Twice, int Trouble, int Hands = 0, int Late = 0)
{
    public static Weather Fair { get; } = new(0, 0, 0);
}

/// <summary>
/// A manager in miniature: it saves what the engine decides, carries effects out in a random order, loses and repeats messages,
/// and lets time pass only when nothing else is left to do. Workers answer by the input alone. What an operator or a failure has ended is redriven
/// once nothing else is left to do.
/// </summary>
internal sealed class World(WorkflowDefinition definition, Random random, Weather weather)
{
    private const string Top = "top";
    private const int MaxTurns = 100_000;
    private const int MaxMeddling = 10;

    private readonly List<(string Id, Func<DateTimeOffset, RequestEvent> Happened)> _underWay = [];
    private readonly Dictionary<(string Id, int Step, int Attempt), Func<DateTimeOffset, RequestEvent>> _onTheWay = [];
    private int _meddling;
    private bool _isPaused;
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Dictionary<string, RequestState> Requests { get; } = [];

    public int Finishes { get; private set; }

    public RequestState Request => Requests[Top];

    public void Run(string payload)
    {
        _underWay.Add((Top, at => new RequestEvent.Accepted(at, IdOf(Top), Encoding.UTF8.GetBytes(payload))));
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            if (_underWay.Count > 0)
                Deliver();
            else if (!Resume() && !PassTime() && !Redrive())
                return;
        }
        throw new InvalidOperationException("The request goes round in circles.");
    }

    private void Deliver()
    {
        if (random.Next(100) < weather.Hands && Requests.ContainsKey(Top) && _meddling < MaxMeddling)
            Meddle();
        var next = random.Next(_underWay.Count);
        var (id, happened) = _underWay[next];
        if (random.Next(100) >= weather.Twice)
            _underWay.RemoveAt(next);
        Apply(id, happened(_now));
    }

    /// <summary>False if nothing is due ever again.</summary>
    private bool PassTime()
    {
        var due = Requests.Where(request => request.Value.DueAt is not null).ToList();
        if (due.Count == 0)
            return false;
        _now = due.Min(request => request.Value.DueAt!.Value);
        foreach (var (id, _) in due.Where(request => request.Value.DueAt <= _now))
            Tick(id);
        foreach (var late in _onTheWay.Keys.Where(_ => random.Next(3) == 0).ToList())
            HandOver(late);
        return true;
    }

    /// <summary>What is still on its way to the broker is not failed.</summary>
    private void Tick(string id)
    {
        var before = Requests[id];
        bool IsOnTheWay(StepState step, int index) => _onTheWay.ContainsKey((id, index, step.Attempt));
        Apply(id, new RequestEvent.TimerFired(_now) { Unsent = [.. before.Steps.Select(IsOnTheWay)] });
        for (var step = 0; step < before.Steps.Length; step++)
        {
            if (before.Steps[step].Status == StepStatus.Dispatched && IsOnTheWay(before.Steps[step], step))
                Assert.Equal((StepStatus.Dispatched, before.Steps[step].Failures), (Requests[id].Steps[step].Status, Requests[id].Steps[step].Failures));
        }
    }

    private void HandOver((string Id, int Step, int Attempt) late)
    {
        if (random.Next(2) == 0)
        {
            Apply(late.Id, new RequestEvent.StepUnsent(_now, late.Step, late.Attempt, TimeSpan.FromMinutes(random.Next(20))));
            return;
        }
        Apply(late.Id, new RequestEvent.StepSent(_now, late.Step, late.Attempt));
        _onTheWay.Remove(late, out var answer);
        _underWay.Add((late.Id, answer!));
    }

    private void Meddle()
    {
        _meddling++;
        switch (random.Next(4))
        {
            case 0:
                Apply(Top, new RequestEvent.Cancelled(_now, "ann"));
                break;
            case 1:
                Apply(Top, new RequestEvent.Redriven(_now, random.Next(Request.Steps.Length), "ann"));
                break;
            case 2:
                _isPaused = true;
                break;
            default:
                Resume();
                break;
        }
    }

    /// <summary>False if there was no pause.</summary>
    private bool Resume()
    {
        if (!_isPaused)
            return false;
        _isPaused = false;
        foreach (var id in Requests.Keys.ToList())
            Apply(id, new RequestEvent.Resumed(_now));
        return true;
    }

    /// <summary>False if it has completed.</summary>
    private bool Redrive()
    {
        if (!Request.IsFinished || Request.Status == RequestStatus.Completed)
            return false;
        Apply(Top, new RequestEvent.Redriven(_now, null, "ann"));
        return true;
    }

    private void Apply(string id, RequestEvent happened)
    {
        var before = Requests.GetValueOrDefault(id, RequestState.None);
        if (_isPaused && !before.Steps.IsDefault)
            happened = happened with { Gates = [.. before.Steps.Select(_ => new StepGate(true, null))] };
        var transition = WorkflowEngine.Apply(definition, before, happened);
        if (!transition.HasChanged)
            return;
        Requests[id] = transition.State;
        Invariants.Check(definition, before, transition);
        Assert.False(happened is not RequestEvent.Redriven && WorkflowEngine.Apply(definition, transition.State, happened) is { HasChanged: true, Effects.IsEmpty: false }, $"{happened} counted twice");
        foreach (var effect in transition.Effects)
        {
            CarryOut(id, transition.State, effect);
            if (random.Next(100) < weather.Twice)
                CarryOut(id, transition.State, effect);
        }
    }

    private void CarryOut(string id, RequestState state, Effect effect)
    {
        switch (effect)
        {
            case Effect.DispatchStep send:
                Send(id, state, send);
                break;
            case Effect.AcquirePermit ask:
                var wait = TimeSpan.FromSeconds(random.Next(3));
                _underWay.Add((id, at => new RequestEvent.PermitGranted(at, ask.Step, at + wait)));
                break;
            case Effect.StartChildren start:
                var inputs = ChildInputs.Of(definition, state, start.Step, start.FromIndex, start.Count);
                for (var offset = 0; offset < inputs.Count; offset++)
                    StartChild(id, state, new ParentPlace(state.Id, start.Step, start.Attempt, start.FromIndex + offset), inputs[offset]);
                break;
            case Effect.GatherChildren gather:
                var output = Gather(id, state, gather);
                _underWay.Add((id, at => new RequestEvent.ChildrenGathered(at, gather.Step, gather.Attempt, output)));
                break;
            case Effect.NotifyParent notify:
                var parent = id[..id.LastIndexOf('/')];
                var place = notify.Place;
                _underWay.Add((parent, at => new RequestEvent.ChildFinished(at, place.Step, place.Attempt, place.Index, notify.Failed)));
                break;
            case Effect.CancelChildren cancel:
                var born = Enumerable.Range(0, cancel.Count).Select(index => ChildOf(id, cancel.Step, cancel.Attempt, index)).Where(Requests.ContainsKey);
                _underWay.AddRange(born.Select(child => (child, new Func<DateTimeOffset, RequestEvent>(at => new RequestEvent.Cancelled(at, "its parent")))));
                break;
            case Effect.CancelDispatch:
                // Workers may hear of it or not: what they answer must not matter.
                break;
            case Effect.FinishRequest:
                Finishes++;
                break;
            default:
                throw new InvalidOperationException($"Nobody does such a thing: {effect}");
        }
    }

    private void Send(string id, RequestState state, Effect.DispatchStep send)
    {
        var step = definition.GraphOf(state.Scope).Steps[send.Step];
        if (step.Timeout is not null && random.Next(100) < weather.Loss)
            return;
        var trouble = random.Next(100) < weather.Trouble ? random.Next(1, 3) : 0;
        if (id == Top && random.Next(100) < weather.Hands)
            trouble = 3;
        var output = Worker.Answer(step.Name, StepInput.Of(definition, state, send.Step));
        int? attempt = random.Next(2) == 0 ? send.Attempt : null;
        RequestEvent Answer(DateTimeOffset at) => trouble switch
        {
            1 => new RequestEvent.StepFailed(at, send.Step, send.Attempt, new StepFailure("busy", "Later.", Transient: true)),
            2 => new RequestEvent.StepThrottled(at, send.Step, send.Attempt, TimeSpan.FromSeconds(5)),
            3 => new RequestEvent.StepFailed(at, send.Step, send.Attempt, new StepFailure("broken", "Never.")),
            _ => new RequestEvent.StepCompleted(at, send.Step, attempt, output),
        };
        if (step.Timeout is not null && random.Next(100) < weather.Late)
            _onTheWay[(id, send.Step, send.Attempt)] = Answer;
        else
            _underWay.Add((id, Answer));
    }

    private void StartChild(string id, RequestState state, ParentPlace place, ReadOnlyMemory<byte> input)
    {
        var child = ChildOf(id, place.Step, place.Attempt, place.Index);
        var task = definition.IndexOfTask(definition.GraphOf(state.Scope).Steps[place.Step].Task!);
        _underWay.Add((child, at => new RequestEvent.Accepted(at, IdOf(child), input) { Scope = task, Parent = place }));
    }

    private ReadOnlyMemory<byte> Gather(string id, RequestState state, Effect.GatherChildren gather)
    {
        var task = definition.Tasks[definition.IndexOfTask(definition.GraphOf(state.Scope).Steps[gather.Step].Task!)];
        var gathered = new Gather(task, StepInput.Of(definition, state, gather.Step), long.MaxValue);
        for (var index = 0; index < state.Steps[gather.Step].Task!.Total; index++)
        {
            var child = Requests[ChildOf(id, gather.Step, gather.Attempt, index)];
            if (RequestResult.Of(definition, child) is { } result)
                gathered.Add(result);
            else
                gathered.AddFailed(child.Failure!);
        }
        return gathered.Complete().Output;
    }

    private static string ChildOf(string parent, int step, int attempt, int index) => $"{parent}/{step}.{attempt}.{index}";

    private static Guid IdOf(string name)
    {
        var octets = new byte[16];
        System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16).CopyTo(octets);
        return new Guid(octets);
    }
}
