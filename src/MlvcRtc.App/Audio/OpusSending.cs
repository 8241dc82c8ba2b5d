using Microsoft.Extensions.Hosting;
using MlvcRtc.App.Calls;
using MlvcRtc.Call.Threads;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.App.Audio;

/// <summary>
/// Sends the packets of an Opus file as they are, each when its time has come, on a thread of its own (RFC 7587: one packet, one datagram; 48 kHz whatever was recorded; the marker on the
/// first after silence, which is the very first here).
/// </summary>
/// <param name="file">Stays the caller's.</param>
/// <param name="link">The audio channel's.</param>
/// <param name="ssrc">The channel's.</param>
/// <param name="payloadType">As agreed.</param>
/// <param name="start">First sequence number and RTP time; random in a call (RFC 3550 §5.1), the number below 2^15 (RFC 3711 §3.3.1).</param>
internal sealed class OpusSending(OpusFileReader file, IPacketLink link, uint ssrc, byte payloadType, (ushort Number, uint Timestamp) start, TimeProvider time) : BackgroundService, ISpeaking
{
    private long _packets;
    private long _bytes;

    public long PacketsSent => Interlocked.Read(ref _packets);

    public Task Completion => ExecuteTask ?? Task.CompletedTask;

    /// <summary>RTP packets with their headers.</summary>
    public long BytesSent => Interlocked.Read(ref _bytes);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => DedicatedThread.RunTogetherAsync(stoppingToken, ("opus send", SendLoop));

    private void SendLoop(CancellationToken stop)
    {
        using WakeSignal never = new();
        byte[] packet = new byte[RtpPacket.HeaderBytes + PayloadFormat.MaxPayloadBytes];
        TimeSpan begin = MediaClock.Now(time);
        long sent = 0;
        for (ushort number = start.Number; ; number++)
        {
            byte[] sound = file.Read(PayloadFormat.MaxPayloadBytes, out int samples);
            TimeSpan due = begin + TimeSpan.FromSeconds((double)sent / OpusPacket.ClockRateHz);
            for (TimeSpan now = MediaClock.Now(time); now < due; now = MediaClock.Now(time))
            {
                never.Wait(due - now, stop);
            }

            stop.ThrowIfCancellationRequested();
            int header = RtpPacket.WriteHeader(packet, payloadType, marker: sent == 0, number, unchecked(start.Timestamp + (uint)sent), ssrc);
            sound.CopyTo(packet.AsSpan(header));
            link.Send(packet.AsSpan(0, header + sound.Length));
            Interlocked.Increment(ref _packets);
            Interlocked.Add(ref _bytes, header + sound.Length);
            sent += samples;
        }
    }
}
