namespace MlvcRtc.Call.Scheduling;

/// <summary>
/// How many luma samples the machines at both ends code in a second: the computational limit of <see cref="Adaptation.VideoShaper"/>, beside that of the network.
/// <para>Here: the time that a sample takes, as the clock on the wall has it, so that what other programs take counts, too. There: the receiver says when frames pile up before its
/// decoder (CONGESTED_DECODER of docs/payload-format.md); each second of that takes a quarter of the pictures, and each five seconds without give a quarter back.</para>
/// Pure: time comes in. Thread-safe: frames are reported on the encode thread, the receiver's word comes on the link's.
/// </summary>
public sealed class MachineLimit
{
    /// <summary>Share of the time that coding may take: the rest is for what comes before and after it on the thread, and for the odd slow frame.</summary>
    private const double MostBusy = 0.85;

    /// <summary>Weight of the newest frame: the mean follows a change within half a second at 30 frames/s.</summary>
    private const double Gain = 1.0 / 8;

    /// <summary>A single frame counts at most so many means: a collection or a page fault is no change of the machine.</summary>
    private const double MostOfMean = 3;

    /// <summary>Frames before the limit is known; the first of a size loads the graph, and is not counted at all.</summary>
    private const int NeededFrames = 5;

    private const double RemoteStepDown = 0.75, RemoteStepUp = 1 / RemoteStepDown;

    private static readonly TimeSpan RemoteDownAfter = TimeSpan.FromSeconds(1), RemoteUpAfter = TimeSpan.FromSeconds(5);

    private readonly Lock _guard = new();
    private double _secondsPerSample;
    private int _samples;
    private int _frames;
    private double _sentPerSecond;
    private bool _remoteCongested;
    private double? _remote;
    private double _remoteBegan;
    private TimeSpan _remoteChanged;

    /// <summary>Luma samples in a second; null = not known yet.</summary>
    public double? SamplesPerSecond(TimeSpan now)
    {
        lock (_guard)
        {
            MoveRemote(now);
            double? here = _frames < NeededFrames ? null : MostBusy / _secondsPerSample;
            return here is null ? _remote : _remote < here ? _remote : here;
        }
    }

    /// <summary>A picture was coded.</summary>
    /// <param name="samples">Luma samples of it.</param>
    /// <param name="interval">From one coded picture to the next.</param>
    public void Coded(int samples, TimeSpan taken, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        lock (_guard)
        {
            _sentPerSecond = samples / interval.TotalSeconds;
            if (samples != _samples)
            {
                _samples = samples;
                return;
            }

            double each = taken.TotalSeconds / samples;
            _secondsPerSample = _frames++ == 0 ? each : _secondsPerSample + (Gain * (Math.Min(each, MostOfMean * _secondsPerSample) - _secondsPerSample));
        }
    }

    /// <summary>The receiver tells of its decoder.</summary>
    public void DecoderIs(bool congested, TimeSpan now)
    {
        lock (_guard)
        {
            if (congested == _remoteCongested)
            {
                return;
            }

            MoveRemote(now);
            _remoteCongested = congested;
            _remoteChanged = now;
            if (congested && _sentPerSecond > 0)
            {
                _remoteBegan = Math.Max(_remote is null ? 0 : _remoteBegan, _sentPerSecond);
                _remote = RemoteStepDown * Math.Min(_sentPerSecond, _remote ?? _sentPerSecond);
            }
        }
    }

    /// <summary>The receiver speaks every 250 ms at least, and only of the present: the steps are ours.</summary>
    private void MoveRemote(TimeSpan now)
    {
        TimeSpan after = _remoteCongested ? RemoteDownAfter : RemoteUpAfter;
        while (_remote is { } limit && now - _remoteChanged >= after)
        {
            _remoteChanged += after;
            _remote = limit * (_remoteCongested ? RemoteStepDown : RemoteStepUp);

            // The step above must fit into the limit with the reserve of VideoShaper before it is tried, hence twice.
            if (!_remoteCongested && _remote > 2 * _remoteBegan)
            {
                _remote = null;
            }
        }
    }
}
