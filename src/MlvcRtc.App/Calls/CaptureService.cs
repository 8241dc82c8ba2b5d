using Microsoft.Extensions.Hosting;
using MlvcRtc.App.Devices;
using MlvcRtc.Call.Sending;
using MlvcRtc.Call.Threads;
using MlvcRtc.Media;
using MlvcRtc.Media.Threads;

namespace MlvcRtc.App.Calls;

/// <summary>What a <see cref="CaptureService"/> takes from its source.</summary>
/// <param name="Pictures">It ends after so many.</param>
/// <param name="Taken">Sees every picture before it is sent, on the capture thread; null = nobody.</param>
/// <param name="Times">Which time a picture bears.</param>
internal sealed record CaptureOptions(int Pictures = int.MaxValue, Action<VideoFrame>? Taken = null, CaptureTimes Times = CaptureTimes.WhenTaken);

/// <summary>Which time a captured picture bears, and who sets the pace.</summary>
internal enum CaptureTimes
{
    /// <summary>That at which it was taken from the source, at the source's nominal pace.</summary>
    WhenTaken = 0,

    /// <summary>That at which it was due: a file's pictures can then be told by their times, however busy the machine. Not for cameras, whose pace is their own.</summary>
    Nominal = 1,

    /// <summary>That which the source gave it; the source sets the pace, too.</summary>
    OfSource = 2,
}

/// <summary>
/// Step 1 of the call: pictures of a source, offered to the sender at their own pace on a thread of its own. The next picture is read before it is due. Ends by
/// itself at the end of the source or after the asked number of pictures.
/// </summary>
internal sealed class CaptureService(IPictureSource source, SendPipeline sending, CaptureOptions options, TimeProvider time) : BackgroundService
{
    private int _captured;
    private long _elapsedTicks;

    /// <summary>Pictures offered so far.</summary>
    public int Captured => Volatile.Read(ref _captured);

    /// <summary>From the first picture to the end of the last one's frame interval; longer than the pictures' nominal time where the source was slow.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Volatile.Read(ref _elapsedTicks));

    /// <summary>Ends with the source, or fails with what was wrong with it.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Task started = base.StartAsync(cancellationToken);
        Completion = ExecuteTask ?? Task.CompletedTask;
        return started;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        DedicatedThread.RunTogetherAsync(stoppingToken, ("mlvc capture", CaptureLoop));

    private void CaptureLoop(CancellationToken stop)
    {
        PromptThread.Become();
        VideoFrame picture = new();
        if (!source.Read(picture, stop))
        {
            return;
        }

        using WakeSignal never = new();
        TimeSpan begin = MediaClock.Now(time);
        bool more = true;
        for (int index = 0; more && index < options.Pictures; index++)
        {
            TimeSpan due = begin + source.Rate.TimeOf(index);
            for (TimeSpan now = MediaClock.Now(time); now < due && options.Times != CaptureTimes.OfSource; now = MediaClock.Now(time))
            {
                never.Wait(due - now, stop);
            }

            TimeSpan taken = MediaClock.Now(time);
            picture.CaptureTime = options.Times switch
            {
                CaptureTimes.Nominal => due,
                CaptureTimes.OfSource => picture.CaptureTime,
                _ => taken,
            };
            options.Taken?.Invoke(picture);
            sending.Offer(picture);
            Volatile.Write(ref _captured, index + 1);
            Volatile.Write(ref _elapsedTicks, (taken - begin + source.Rate.TimeOf(1)).Ticks);
            more = source.Read(picture, stop);
        }
    }
}
