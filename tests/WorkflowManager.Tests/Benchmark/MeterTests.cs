using System.Diagnostics;
using Millrace.WorkflowManager.Benchmark;

namespace Millrace.WorkflowManager.Tests.Benchmark;

public sealed class MeterTests
{
    [Fact]
    public void A_spread_is_of_all_that_was_measured_and_of_nothing_there_is_none()
    {
        Assert.Equal(new Spread(100, 51, 100, 100), Spread.Of(Enumerable.Range(1, 100).Select(number => (double)number).Reverse()));
        Assert.Equal(new Spread(1, 7, 7, 7), Spread.Of([7]));
        Assert.Null(Spread.Of([]));
    }

    [Fact]
    public void A_process_is_charged_for_its_own_work_and_its_parent_for_both()
    {
        using var burning = Process.Start("/bin/sh", ["-c", "i=0; while [ $i -lt 100000000 ]; do i=$((i+1)); done"]);
        try
        {
            var own = new ProcessMeter("child", burning.Id);
            var family = new ProcessMeter("family", Environment.ProcessId, withChildren: true);
            Assert.True(SpinWait.SpinUntil(() => own.Measure().CpuSeconds > 0.1, TimeSpan.FromSeconds(60)));
            Assert.True(family.Measure().CpuSeconds > 0.1);
            Assert.InRange(own.Measure().MemoryMegabytes, 0.1, 100);
        }
        finally
        {
            burning.Kill();
        }
    }

    [Fact]
    public void A_process_that_is_gone_uses_nothing() => Assert.Equal(0, new ProcessMeter("gone", int.MaxValue).Measure().CpuSeconds);
}
