namespace Millrace.Fuzz.Tests;

/// <summary>One of a manager's doors: goes from room to room, and leaves none before it has seen that good messages still pass.</summary>
internal sealed class ManagerDoor(int inputsPerRoom) : IAsyncDisposable
{
    private ManagerRoom? _room;
    private int _left;

    public async Task<ManagerRoom> EnterAsync()
    {
        if (_room is { IsSpent: true } || _left-- == 0)
            await LeaveAsync();
        if (_room is null)
            (_room, _left) = (await ManagerRoom.StartAsync(), inputsPerRoom);
        return _room;
    }

    public async ValueTask DisposeAsync() => await LeaveAsync();

    private async Task LeaveAsync()
    {
        if (_room is null)
            return;
        await _room.CheckAsync();
        await _room.DisposeAsync();
        _room = null;
    }
}
