using System.Buffers.Text;

namespace MlvcRtc.Server.Redis;

internal enum RespOutcome
{
    /// <summary>A whole value was read.</summary>
    Value,

    /// <summary>What is there is right so far, and not all.</summary>
    More,

    /// <summary>Not RESP2, or beyond the bounds: the connection is of no use any more.</summary>
    Malformed,
}

/// <summary>
/// Reads RESP2 replies from the bytes that have arrived. Redis is ours, yet whoever answers in its place must not be able to take memory or time: every length
/// is bounded, nothing is allocated for what has not arrived, and depth is bounded against a stack of "*1".
/// </summary>
internal ref struct RespReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>A message of a room has 64 KiB at most; scripts answer with a few values.</summary>
    public const int MaxBulkBytes = 1 << 20;

    /// <summary>We ask for nothing with more items: SCAN is limited to 100 by its COUNT, and Redis may exceed it a little.</summary>
    public const int MaxItems = 4096;

    /// <summary>Script errors quote their script; longer than this is no line.</summary>
    public const int MaxLineBytes = 4096;

    /// <summary>Scripts answer with lists of lists at most.</summary>
    public const int MaxDepth = 4;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The bytes of all whole values read so far.</summary>
    public int Consumed { get; private set; }

    /// <summary>Takes the next whole value; otherwise nothing is consumed.</summary>
    public RespOutcome TryRead(out RespValue value)
    {
        int at = Consumed;
        RespOutcome outcome = Read(ref at, depth: 0, out value);
        Consumed = outcome == RespOutcome.Value ? at : Consumed;
        return outcome;
    }

    private readonly RespOutcome Read(ref int at, int depth, out RespValue value)
    {
        value = RespValue.Null;
        RespOutcome outcome = ReadLine(ref at, out ReadOnlySpan<byte> line);
        if (outcome != RespOutcome.Value)
        {
            return outcome;
        }

        if (line.IsEmpty || depth > MaxDepth)
        {
            return RespOutcome.Malformed;
        }

        ReadOnlySpan<byte> rest = line[1..];
        switch (line[0])
        {
            case (byte)'+':
                value = new RespValue(RespKind.Simple) { Bytes = rest.ToArray() };
                return RespOutcome.Value;
            case (byte)'-':
                value = new RespValue(RespKind.Error) { Bytes = rest.ToArray() };
                return RespOutcome.Value;
            case (byte)':' when TryNumber(rest, out long number):
                value = new RespValue(RespKind.Integer) { Number = number };
                return RespOutcome.Value;
            case (byte)'$' when TryNumber(rest, out long length):
                return ReadBulk(ref at, length, out value);
            case (byte)'*' when TryNumber(rest, out long count):
                return ReadArray(ref at, count, depth, out value);
            default:
                return RespOutcome.Malformed;
        }
    }

    private readonly RespOutcome ReadBulk(ref int at, long length, out RespValue value)
    {
        value = RespValue.Null;
        if (length is < 0 or > MaxBulkBytes)
        {
            return length == -1 ? RespOutcome.Value : RespOutcome.Malformed;
        }

        int end = at + (int)length;
        if (_bytes.Length < end + 2)
        {
            return RespOutcome.More;
        }

        if (_bytes[end] != '\r' || _bytes[end + 1] != '\n')
        {
            return RespOutcome.Malformed;
        }

        value = new RespValue(RespKind.Bulk) { Bytes = _bytes[at..end].ToArray() };
        at = end + 2;
        return RespOutcome.Value;
    }

    private readonly RespOutcome ReadArray(ref int at, long count, int depth, out RespValue value)
    {
        value = RespValue.Null;
        if (count is < 0 or > MaxItems)
        {
            return count == -1 ? RespOutcome.Value : RespOutcome.Malformed;
        }

        List<RespValue> items = [];
        for (int i = 0; i < count; i++)
        {
            RespOutcome outcome = Read(ref at, depth + 1, out RespValue item);
            if (outcome != RespOutcome.Value)
            {
                return outcome;
            }

            items.Add(item);
        }

        value = new RespValue(RespKind.Array) { Items = items };
        return RespOutcome.Value;
    }

    private readonly RespOutcome ReadLine(ref int at, out ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = _bytes[at..];
        ReadOnlySpan<byte> window = rest[..int.Min(rest.Length, MaxLineBytes)];
        int end = window.IndexOf("\r\n"u8);
        line = end < 0 ? default : window[..end];
        if (end < 0)
        {
            return rest.Length < MaxLineBytes ? RespOutcome.More : RespOutcome.Malformed;
        }

        at += end + 2;
        return RespOutcome.Value;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out long number) =>
        Utf8Parser.TryParse(digits, out number, out int used) && used == digits.Length;
}
