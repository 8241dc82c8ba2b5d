using System.Security.Cryptography;
using MlvcRtc.Rtp;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.BuiltIn;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.UnitTests.WebRtc.BuiltIn;

/// <summary>ICE as a wire between two peers: it connects when the test says so.</summary>
internal sealed class FakeIce : IIceTransport
{
    public event Action<IceState>? StateChanged;

    public event Action<string>? CandidateGathered;

    public event PacketArrived? Arrived;

    public IceState State { get; private set; }

    public IceCredentials Local { get; private set; } = new("gen0", "password-of-generation-0");

    public SelectedPath? Selected => null;

    public IReadOnlyList<IceServer> IceServers { get; set; } = [];

    public DiscardedPackets Discarded { get; } = new();

    public FakeIce? Other { get; set; }

    public IceCredentials? Remote { get; private set; }

    public bool Controlling { get; private set; }

    public List<string> RemoteCandidates { get; } = [];

    public int Generation { get; private set; }

    public int Gatherings { get; private set; }

    public void StartGathering() => Gatherings++;

    public void Restart()
    {
        Generation++;
        Local = new($"gen{Generation}", $"password-of-generation-{Generation}");
    }

    public bool TryUndoRestart()
    {
        Generation--;
        Local = new($"gen{Generation}", $"password-of-generation-{Generation}");
        return true;
    }

    public void SetRemote(IceCredentials remote, bool controlling) => (Remote, Controlling) = (remote, controlling);

    public void AddRemoteCandidate(string candidate) => RemoteCandidates.Add(candidate);

    /// <summary>What left, when a test wants to send it again.</summary>
    public List<byte[]>? Recorded { get; set; }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        Recorded?.Add(datagram.ToArray());
        Other?.Arrived?.Invoke(datagram, TimeSpan.Zero);
    }

    public void Inject(ReadOnlySpan<byte> datagram) => Arrived?.Invoke(datagram, TimeSpan.Zero);

    public void Gather(string candidate) => CandidateGathered?.Invoke(candidate);

    public void Become(IceState state)
    {
        State = state;
        StateChanged?.Invoke(state);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A handshake that ends when the test says so, with keys that the other side's fake has, too.</summary>
internal sealed class FakeDtls : IDtlsEndpoint
{
    private static readonly SrtpKeys OfClient = new(RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(12));
    private static readonly SrtpKeys OfServer = new(RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(12));

    private readonly TaskCompletionSource<DtlsOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public event DatagramOut? Outgoing
    {
        add { }
        remove { }
    }

    public event Action<DtlsEnding>? Ended;

    public DtlsRole? Role { get; private set; }

    public Fingerprint? Expected { get; private set; }

    public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<DtlsOutcome> HandshakeAsync(DtlsRole role, Fingerprint expected, CancellationToken cancel)
    {
        (Role, Expected) = (role, expected);
        cancel.Register(() => _outcome.TrySetCanceled(cancel));
        Started.TrySetResult();
        return _outcome.Task;
    }

    public void Complete() => _outcome.TrySetResult(Role == DtlsRole.Client
        ? new(SrtpProfile.AeadAes128Gcm, OfClient, OfServer, "fake")
        : new(SrtpProfile.AeadAes128Gcm, OfServer, OfClient, "fake"));

    public void Fail(string why) => _outcome.TrySetException(new DtlsException(why));

    public void End(DtlsEnding ending) => Ended?.Invoke(ending);

    public void Deliver(ReadOnlySpan<byte> datagram)
    {
    }

    public void Dispose()
    {
    }
}

/// <summary>A peer on fakes.</summary>
internal sealed class FakeSide : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly System.Threading.Channels.Channel<PeerState> _states = System.Threading.Channels.Channel.CreateUnbounded<PeerState>();

    public FakeSide(params MediaDescription[] media)
    {
        Fingerprint = new(RandomNumberGenerator.GetBytes(32));
        Peer = new BuiltInPeer(BuiltInPeerFactory.NewNegotiation(media), Ice, Dtls, Fingerprint, null, "cname");
        Peer.StateChanged += state => _states.Writer.TryWrite(state);
        Peer.CandidateGathered += Candidates.Add;
    }

    public FakeIce Ice { get; } = new();

    public FakeDtls Dtls { get; } = new();

    public Fingerprint Fingerprint { get; }

    public BuiltInPeer Peer { get; }

    public System.Collections.Concurrent.BlockingCollection<TrickledCandidate> Candidates { get; } = [];

    public async Task ReachAsync(PeerState wanted)
    {
        using CancellationTokenSource patience = new(Patience);
        while (Peer.State != wanted)
        {
            await _states.Reader.ReadAsync(patience.Token);
        }
    }

    public async Task ConnectAsync()
    {
        Ice.Become(IceState.Connected);
        await Dtls.Started.Task.WaitAsync(Patience);
        Dtls.Complete();
        await ReachAsync(PeerState.Connected);
    }

    public ValueTask DisposeAsync() => Peer.DisposeAsync();
}
