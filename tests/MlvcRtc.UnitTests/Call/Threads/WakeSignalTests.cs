using MlvcRtc.Call.Threads;

namespace MlvcRtc.UnitTests.Call.Threads;

public sealed class WakeSignalTests
{
    private static readonly TimeSpan Never = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_wake_before_the_wait_ends_it_and_two_count_once()
    {
        using WakeSignal signal = new();
        signal.Wake();
        signal.Wake();

        long begun = TimeProvider.System.GetTimestamp();
        signal.Wait(Never, CancellationToken.None);
        signal.Wait(TimeSpan.FromMilliseconds(1), CancellationToken.None);

        Assert.True(TimeProvider.System.GetElapsedTime(begun) < Never);
    }

    [Fact]
    public async Task A_wait_without_limit_ends_by_a_wake_of_another_thread()
    {
        using WakeSignal signal = new();
        Task waiting = Task.Factory.StartNew(() => signal.Wait(null, TestContext.Current.CancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        signal.Wake();

        await waiting.WaitAsync(Never, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Whoever_waits_when_it_is_told_to_stop_hears_it_also_by_a_second_token()
    {
        using WakeSignal signal = new();
        using CancellationTokenSource first = new();
        using CancellationTokenSource second = new();
        signal.Wait(TimeSpan.Zero, first.Token);
        Task waiting = Task.Factory.StartNew(() => signal.Wait(null, second.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await second.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Never, TestContext.Current.CancellationToken));
        Assert.Throws<OperationCanceledException>(() => signal.Wait(null, second.Token));
    }
}
