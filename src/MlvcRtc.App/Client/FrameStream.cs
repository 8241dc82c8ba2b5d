using System.Buffers.Binary;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Playout;

namespace MlvcRtc.App.Client;

/// <summary>
/// The other side's pictures and sound on their way to the page: one response that does not end. Of pictures the newest waits, sound waits in order. Filled by the present and playout threads,
/// emptied by the thread pool; a picture is copied once into the one that waits and once by Kestrel, and nothing is allocated for it here.
/// </summary>
internal sealed class FrameStream : IVideoSink
{
    private const int LengthBytes = 4;

    /// <summary>Packets of sound that wait: 1.28 s, as in the jitter buffer. A page that does not read for longer hears a gap.</summary>
    private const int WaitingSounds = 64;

    private readonly Lock _guard = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly SoundPlace[] _sounds = [.. Enumerable.Range(0, WaitingSounds).Select(static _ => new SoundPlace())];
    private VideoFrame _waiting = new();
    private VideoFrame _leaving = new();
    private bool _pictureWaits;
    private TimeSpan _presentedAt;
    private int _soundHead;
    private int _soundCount;
    private long _shown;

    /// <summary>Pictures given to the page so far.</summary>
    public long PicturesSent => Interlocked.Read(ref _shown);

    public void Present(VideoFrame picture, in PresentedFrame info)
    {
        lock (_guard)
        {
            _waiting.CopyFrom(picture);
            (_pictureWaits, _presentedAt) = (true, info.PresentedAt);
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>The next packet in playout order.</summary>
    public void Hear(in SoundItem item)
    {
        lock (_guard)
        {
            if (_soundCount == WaitingSounds)
            {
                _soundHead = (_soundHead + 1) % WaitingSounds;
                _soundCount--;
            }

            _sounds[(_soundHead + _soundCount++) % WaitingSounds].Set(item);
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>What waits belongs to a call that is over.</summary>
    public void Clear()
    {
        lock (_guard)
        {
            (_pictureWaits, _soundCount) = (false, 0);
        }
    }

    /// <summary>Writes until <paramref name="cancel"/>. One response at a time.</summary>
    public async Task WriteAsync(HttpResponse response, CancellationToken cancel)
    {
        await response.StartAsync(cancel);
        await response.BodyWriter.FlushAsync(cancel);
        byte[] head = new byte[LengthBytes + MediaItem.HeaderBytes + SoundPlayout.MaxPayloadBytes];
        using CancellationTokenRegistration end = cancel.Register(() => _wake.Writer.TryWrite(true));
        while (!cancel.IsCancellationRequested)
        {
            while (TakeSound(head) is > 0 and int length)
            {
                await response.BodyWriter.WriteAsync(head.AsMemory(0, length), cancel);
            }

            if (TakePicture(head))
            {
                await response.BodyWriter.WriteAsync(head.AsMemory(0, LengthBytes + MediaItem.HeaderBytes), cancel);
                await response.BodyWriter.WriteAsync(_leaving.SampleMemory, cancel);
                Interlocked.Increment(ref _shown);
                continue;  // sound may have come meanwhile
            }

            // Waiting without a token allocates nothing; the registration above ends it.
            await _wake.Reader.WaitToReadAsync(CancellationToken.None);
            _wake.Reader.TryRead(out _);
        }
    }

    private static ulong Microseconds(TimeSpan instant) => (ulong)(instant.Ticks / TimeSpan.TicksPerMicrosecond);

    private int TakeSound(Span<byte> item)
    {
        lock (_guard)
        {
            if (_soundCount == 0)
            {
                return 0;
            }

            SoundPlace sound = _sounds[_soundHead];
            _soundHead = (_soundHead + 1) % WaitingSounds;
            _soundCount--;
            ReadOnlySpan<byte> payload = sound.Payload;
            BinaryPrimitives.WriteUInt32LittleEndian(item, (uint)(MediaItem.HeaderBytes + payload.Length));
            new MediaItem(MediaItemKind.Sound, payload.IsEmpty ? MediaItem.Lost : (byte)0, 0, 0, Microseconds(sound.Due)).Write(item[LengthBytes..]);
            payload.CopyTo(item[(LengthBytes + MediaItem.HeaderBytes)..]);
            return LengthBytes + MediaItem.HeaderBytes + payload.Length;
        }
    }

    private bool TakePicture(Span<byte> head)
    {
        lock (_guard)
        {
            if (!_pictureWaits)
            {
                return false;
            }

            _pictureWaits = false;
            (_waiting, _leaving) = (_leaving, _waiting);
            MediaItem item = new(MediaItemKind.Picture, MediaItem.Bt709, _leaving.Width, _leaving.Height, Microseconds(_presentedAt));
            BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)(MediaItem.HeaderBytes + item.PictureBytes));
            item.Write(head[LengthBytes..]);
            return true;
        }
    }

    /// <summary>A copy of one packet between two threads; reused.</summary>
    private sealed class SoundPlace
    {
        private readonly byte[] _bytes = new byte[SoundPlayout.MaxPayloadBytes];
        private int _length;

        public TimeSpan Due { get; private set; }

        public ReadOnlySpan<byte> Payload => _bytes.AsSpan(0, _length);

        public void Set(in SoundItem item)
        {
            (Due, _length) = (item.Due, item.Payload.Length);
            item.Payload.CopyTo(_bytes);
        }
    }
}
