using System.Threading.Channels;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.App.Calls;

/// <summary>
/// A connection of this process with itself over 127.0.0.1, made while the models are loaded and ended before the room is joined. The first offer, check, handshake and packet of a process
/// compile some thousand methods, which on a busy machine takes longer than everything else between joining and the first picture.
/// </summary>
internal static class Rehearsal
{
    /// <summary>No call waits longer for it; commonly it takes less time than the models do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>An RTP packet without payload (RFC 3550 §5.1), version 2.</summary>
    private static readonly byte[] EmptyPacket = [0x80, .. new byte[11]];

    /// <summary>Harmless to leave out; ends in silence where it cannot finish.</summary>
    public static async Task RunAsync(IRtcPeerFactory peers, MlvcParameters own, TimeProvider time, CancellationToken cancel)
    {
        using CancellationTokenSource patience = new(Patience, time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            await ConnectAsync(peers, own, end.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The call itself will show what is wrong.
        }
    }

    private static async Task ConnectAsync(IRtcPeerFactory peers, MlvcParameters own, CancellationToken cancel)
    {
        RtcPeerOptions options = new()
        {
            Media = [MlvcMedia.Describe(own), OpusMedia.Describe()],
            IncludeLoopback = true,
            BindAddresses = [System.Net.IPAddress.Loopback],
        };
        await using IRtcPeer first = peers.Create(options);
        await using IRtcPeer second = peers.Create(options);
        Channel<(Negotiation To, NumberedMessage Message)> sent = Channel.CreateUnbounded<(Negotiation, NumberedMessage)>();
        Negotiation? answering = null;
        using Negotiation offering = new(first, polite: false, message => sent.Writer.TryWrite((answering!, AsRead(message))));
        using Negotiation other = answering = new(second, polite: true, message => sent.Writer.TryWrite((offering, AsRead(message))));
        int connected = 0;
        void Count(PeerState state)
        {
            if (state == PeerState.Connected && Interlocked.Increment(ref connected) == 2)
            {
                sent.Writer.TryComplete();
            }
        }

        first.StateChanged += Count;
        second.StateChanged += Count;
        await other.StartAsync(restart: false, cancel);
        await offering.StartAsync(restart: false, cancel);
        await foreach ((Negotiation to, NumberedMessage message) in sent.Reader.ReadAllAsync(cancel))
        {
            await to.TakeAsync(message, cancel);
        }

        foreach (MediaChannel channel in (MediaChannel[])[.. first.Channels, .. second.Channels])
        {
            byte[] packet = [.. EmptyPacket];
            packet[1] = channel.Format.PayloadType;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), channel.LocalSsrc);
            channel.Link.Send(packet);
        }
    }

    /// <summary>Through the JSON that a server would pass on.</summary>
    private static NumberedMessage AsRead(NumberedMessage message) =>
        MessageReader.TryRead(MessageWriter.Write(message), out SignalMessage? read, out _) == ReadStatus.Ok && read is NumberedMessage same ? same : message;
}
