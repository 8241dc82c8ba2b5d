using MlvcRtc.Media;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Rtp.Reassembly;

/// <summary>One frame on its way: which fragments are here, and where. Reused from frame to frame.</summary>
internal sealed class PartialFrame(FragmentPool pool)
{
    private readonly short[] _handles = new short[PayloadFormat.MaxFragments];  // -1 = missing
    private PayloadDescriptor _head;
    private uint _timestamp;
    private TimeSpan _captureTime;

    /// <summary>Unwrapped FRAME_ID; -1 = this place is empty.</summary>
    public long Number { get; private set; } = -1;

    public FrameType Type => _head.Type;

    public long ReferenceNumber { get; private set; }

    public int? LtrSlot => _head.LtrSlot;

    public int TemporalId => _head.TemporalId;

    public bool Discardable => _head.Discardable;

    public TimeSpan CaptureTime => _captureTime;

    public int Received { get; private set; }

    /// <summary>Bytes of the fragments that are here.</summary>
    public int SizeBytes { get; private set; }

    public bool Complete => Number >= 0 && Received == _head.LastFragment + 1;

    /// <summary>The lowest fragment that is not here; LastFragment + 1 when complete.</summary>
    public int FirstMissing { get; private set; }

    /// <summary>Fragments that are not here.</summary>
    public int Missing => _head.LastFragment + 1 - Received;

    /// <summary>Fragments that are here and come after the first missing one.</summary>
    public int BeyondHole => Received - FirstMissing;

    /// <summary>Takes the frame's constant fields from its first packet to arrive.</summary>
    public void Begin(long number, in PayloadDescriptor head, uint timestamp, TimeSpan captureTime)
    {
        Release();
        Number = number;
        _head = head;
        _timestamp = timestamp;
        _captureTime = captureTime;
        ReferenceNumber = number - head.ReferenceDistance;
        Received = 0;
        SizeBytes = 0;
        FirstMissing = 0;
        _handles.AsSpan(0, head.LastFragment + 1).Fill(-1);
    }

    /// <summary>True when a packet with these fields can belong to the same frame.</summary>
    public bool Agrees(in PayloadDescriptor other, uint timestamp) =>
        timestamp == _timestamp
        && other.Type == _head.Type
        && other.ReferenceId == _head.ReferenceId
        && other.LastFragment == _head.LastFragment
        && other.LtrSlot == _head.LtrSlot
        && other.TemporalId == _head.TemporalId
        && other.Discardable == _head.Discardable;

    public bool Has(int fragment) => _handles[fragment] >= 0;

    /// <summary>Keeps a fragment that is not here yet.</summary>
    public void Add(in PayloadDescriptor descriptor, short handle)
    {
        _handles[descriptor.FragmentIndex] = handle;
        Received++;
        SizeBytes += pool.Read(handle).Length;
        if (descriptor.HasConfiguration)
        {
            _head = _head with { FragmentIndex = 0, ModelTag = descriptor.ModelTag, CodedWidth = descriptor.CodedWidth, CodedHeight = descriptor.CodedHeight };
        }

        while (FirstMissing <= _head.LastFragment && Has(FirstMissing))
        {
            FirstMissing++;
        }
    }

    /// <summary>Joins the fragments of a complete frame.</summary>
    public void CopyTo(EncodedFrame frame)
    {
        frame.Type = _head.Type;
        frame.FrameId = _head.FrameId;
        frame.ReferenceId = _head.ReferenceId;
        frame.TemporalId = _head.TemporalId;
        frame.LtrSlot = _head.LtrSlot;
        frame.Discardable = _head.Discardable;
        frame.ModelTag = _head.ModelTag;
        frame.CodedWidth = _head.CodedWidth;
        frame.CodedHeight = _head.CodedHeight;
        frame.CaptureTime = _captureTime;
        Span<byte> payload = frame.Reserve(SizeBytes);
        for (int fragment = 0; fragment <= _head.LastFragment; fragment++)
        {
            ReadOnlySpan<byte> bytes = pool.Read(_handles[fragment]);
            bytes.CopyTo(payload);
            payload = payload[bytes.Length..];
        }
    }

    /// <summary>Empties the place and returns its buffers.</summary>
    public void Release()
    {
        if (Number < 0)
        {
            return;
        }

        for (int fragment = 0; fragment <= _head.LastFragment; fragment++)
        {
            if (Has(fragment))
            {
                pool.Return(_handles[fragment]);
            }
        }

        Number = -1;
        Received = 0;
    }
}
