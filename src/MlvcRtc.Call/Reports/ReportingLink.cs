using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Reports;

namespace MlvcRtc.Call.Reports;

/// <summary>
/// A channel whose RTP is reported on both ways (RFC 3550 §6.4): pipelines use it in the place of the channel's own link and notice nothing. Reports leave from a timer: a late one is right about
/// its time all the same.
/// </summary>
public sealed class ReportingLink : IPacketLink, IDisposable
{
    private readonly IPacketLink _link;
    private readonly TimeProvider _time;
    private readonly Lock _writing = new();
    private readonly byte[] _report = new byte[StreamReports.MaxBytes];
    private ITimer? _timer;

    /// <param name="link">Stays the caller's.</param>
    public ReportingLink(IPacketLink link, StreamReports reports, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(link);
        Reports = reports;
        _link = link;
        _time = time;
        _link.Arrived += OnArrived;
    }

    public event PacketArrived? Arrived;

    /// <summary>What is known of the stream by reports.</summary>
    public StreamReports Reports { get; }

    public void Send(ReadOnlySpan<byte> packet)
    {
        Reports.Sent(packet, MediaClock.Now(_time));
        _link.Send(packet);
    }

    /// <summary>From here on reports leave. Once.</summary>
    public void Start()
    {
        lock (_writing)
        {
            _timer = _time.CreateTimer(_ => Report(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Rearm();
        }
    }

    /// <summary>After it no report leaves; packets pass as before.</summary>
    public void Stop()
    {
        lock (_writing)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    public void Dispose()
    {
        Stop();
        _link.Arrived -= OnArrived;
    }

    private void OnArrived(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        Reports.Received(packet, arrival);
        Arrived?.Invoke(packet, arrival);
    }

    private void Report()
    {
        lock (_writing)
        {
            if (_timer is null)
            {
                return;  // stopped meanwhile
            }

            if (Reports.TryWrite(MediaClock.Now(_time), _report, out int length))
            {
                _link.Send(_report.AsSpan(0, length));
            }

            Rearm();
        }
    }

    private void Rearm()
    {
        TimeSpan now = MediaClock.Now(_time);
        double milliseconds = Math.Ceiling((Reports.NextReport(now) - now).TotalMilliseconds);  // timers count whole ones
        _timer!.Change(TimeSpan.FromMilliseconds(Math.Max(milliseconds, 0)), Timeout.InfiniteTimeSpan);
    }
}
