using MlvcRtc.App.Audio;
using MlvcRtc.App.Calls;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Client;

/// <summary>
/// The Opus packets that the page sends, on their way to RTP (RFC 7587), on the socket's thread. Switched off, nothing is sent, as in the pauses of discontinuous transmission (§3.1.3). It
/// outlives the calls that it speaks in.
/// </summary>
/// <param name="clock">The page's.</param>
internal sealed class PageMicrophone(PageClock clock, TimeProvider time)
{
    private readonly Lock _guard = new();
    private Speaking? _call;

    public bool On { get; set; } = true;

    /// <summary>A packet came from the page; what is no Opus packet is left out.</summary>
    public void Take(in MediaItem item, ReadOnlySpan<byte> packet)
    {
        if (On && packet.Length <= PayloadFormat.MaxPayloadBytes && OpusPacket.TryDuration(packet, out int samples))
        {
            TimeSpan now = MediaClock.Now(time);
            TimeSpan captured = clock.ToLocal(item.Microseconds, now);
            lock (_guard)
            {
                _call?.Send(item.Microseconds, captured, samples, packet, now);
            }
        }
    }

    /// <summary>For one call.</summary>
    public ISpeaking Speak(MediaChannel channel, (ushort Number, uint Timestamp) start) => new Speaking(this, channel, start);

    private sealed class Speaking(PageMicrophone microphone, MediaChannel channel, (ushort Number, uint Timestamp) start) : ISpeaking
    {
        /// <summary>Sound whose times leap by so much against the arrivals was captured anew.</summary>
        private static readonly TimeSpan Leap = TimeSpan.FromSeconds(1);

        private readonly byte[] _packet = new byte[RtpPacket.HeaderBytes + PayloadFormat.MaxPayloadBytes];
        private readonly TaskCompletionSource _never = new();
        private ushort _number = start.Number;
        private long? _offset;  // RTP time less that of the page, in samples
        private long _ahead = long.MinValue;  // RTP time less our clock at the capture, in samples; not known at first
        private TimeSpan _transit;
        private long _expected;
        private long _packets;

        public long PacketsSent => Interlocked.Read(ref _packets);

        public Task Completion => _never.Task;

        public uint? RtpTimeAt(TimeSpan instant) =>
            Interlocked.Read(ref _ahead) is not long.MinValue and long ahead ? unchecked(start.Timestamp + (uint)(SamplesOf(instant) + ahead)) : null;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            lock (microphone._guard)
            {
                microphone._call = this;
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            lock (microphone._guard)
            {
                microphone._call = microphone._call == this ? null : microphone._call;
            }

            return Task.CompletedTask;
        }

        public void Dispose()
        {
        }

        /// <summary>The page's own clock counts, so that packets are 20 ms apart whatever the socket does; the first of them fixes how it lies to ours.</summary>
        public void Send(ulong microseconds, TimeSpan captured, int samples, ReadOnlySpan<byte> sound, TimeSpan now)
        {
            long sampleTime = (long)Math.Round(microseconds * (OpusPacket.ClockRateHz / 1e6));
            TimeSpan transit = now - TimeSpan.FromTicks((long)microseconds * TimeSpan.TicksPerMicrosecond);
            if (_offset is null || (transit - _transit).Duration() > Leap)
            {
                _offset = SamplesOf(now) - samples - sampleTime;
                _transit = transit;
            }

            long rtpTime = sampleTime + _offset.Value;
            Interlocked.Exchange(ref _ahead, rtpTime - SamplesOf(captured));
            int header = RtpPacket.WriteHeader(
                _packet, channel.Format.PayloadType, marker: rtpTime != _expected, _number++, unchecked(start.Timestamp + (uint)rtpTime), channel.LocalSsrc);
            sound.CopyTo(_packet.AsSpan(header));
            channel.Link.Send(_packet.AsSpan(0, header + sound.Length));
            _expected = rtpTime + samples;
            Interlocked.Increment(ref _packets);
        }

        private static long SamplesOf(TimeSpan span) => (long)Math.Round(span.TotalSeconds * OpusPacket.ClockRateHz);
    }
}
