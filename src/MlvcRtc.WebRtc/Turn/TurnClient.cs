using MlvcRtc.Media;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Turn;

/// <summary>An allocation over a transport. Callbacks are raised without its lock, on the transport's thread or on that of the caller.</summary>
internal sealed class TurnClient : IDisposable
{
    private readonly TurnTransport _transport;
    private readonly TurnAllocation _allocation;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Action<TurnClient> _changed;
    private AllocationState _told;
    private string? _lost;
    private bool _pathGone;

    /// <param name="changed">The allocation was made, or failed, or ended; it says which.</param>
    public TurnClient(IceServerAddress server, TurnTransport transport, TimeProvider time, Action<TurnClient> changed)
    {
        Server = server;
        _transport = transport;
        _time = time;
        _changed = changed;
        _allocation = new TurnAllocation(server.Username, server.Credential, transport.IsReliable, message => _pathGone = !transport.Send(message));
    }

    public IceServerAddress Server { get; }

    public Task Ended => _transport.Ended;

    public AllocationState State
    {
        get
        {
            lock (_gate)
            {
                return _lost is null ? _allocation.State : AllocationState.Failed;
            }
        }
    }

    /// <summary>Cause and remedy, once it has failed.</summary>
    public string? Failure => _lost ?? _allocation.Failure;

    public TransportAddress Relayed => _allocation.Relayed;

    /// <summary>What the candidate stands on, once allocated.</summary>
    public RelayBase? Base { get; set; }

    /// <param name="arrived">Datagrams of peers.</param>
    public void Start(DatagramArrived arrived)
    {
        _transport.Start((message, arrival) => OnMessage(message, arrival, arrived), OnLost);
        lock (_gate)
        {
            _allocation.Start(MediaClock.Now(_time));
        }
    }

    /// <summary>Does what is due; returns when to come again.</summary>
    public TimeSpan Advance(TimeSpan now)
    {
        TimeSpan due;
        lock (_gate)
        {
            due = _lost is null ? _allocation.Advance(now) : TimeSpan.MaxValue;
        }

        TellChange();
        return due;
    }

    /// <summary>False: there is no way to the server any more.</summary>
    public bool Send(TransportAddress peer, ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            _allocation.Send(peer, datagram, MediaClock.Now(_time));
            return !_pathGone && _lost is null;
        }
    }

    public void Bind(TransportAddress peer)
    {
        lock (_gate)
        {
            _allocation.Bind(peer, MediaClock.Now(_time));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _allocation.Close(MediaClock.Now(_time));
        }

        _transport.Dispose();
    }

    private void OnMessage(ReadOnlySpan<byte> message, TimeSpan arrival, DatagramArrived arrived)
    {
        bool carried;
        TransportAddress from;
        ReadOnlySpan<byte> datagram;
        lock (_gate)
        {
            carried = _allocation.Receive(message, arrival, out from, out datagram);
        }

        if (carried)
        {
            if (Base is { } relay)
            {
                arrived(relay, from, datagram, arrival);
            }
        }
        else
        {
            TellChange();
        }
    }

    private void OnLost(string why)
    {
        lock (_gate)
        {
            _lost = why;
        }

        TellChange();
    }

    private void TellChange()
    {
        AllocationState state = State;
        lock (_gate)
        {
            if (state == _told)
            {
                return;
            }

            _told = state;
        }

        _changed(this);
    }
}
