using System.Text;

namespace MlvcRtc.Server.Redis;

/// <summary>The types of a RESP2 reply (redis.io/docs, "Redis serialization protocol specification").</summary>
internal enum RespKind : byte
{
    /// <summary>$-1 or *-1: there is no such thing.</summary>
    Null,

    /// <summary>+: a line.</summary>
    Simple,

    /// <summary>-: a line that begins with the name of the error.</summary>
    Error,

    /// <summary>:: 64 bits, signed.</summary>
    Integer,

    /// <summary>$: bytes.</summary>
    Bulk,

    /// <summary>*: other values.</summary>
    Array,
}

/// <summary>One reply. Its bytes are its own.</summary>
internal sealed record RespValue(RespKind Kind)
{
    public static readonly RespValue Null = new(RespKind.Null);

    public long Number { get; init; }

    public byte[] Bytes { get; init; } = [];

    public IReadOnlyList<RespValue> Items { get; init; } = [];

    public bool IsNull => Kind == RespKind.Null;

    /// <summary>The line or the bytes as UTF-8.</summary>
    public string Text => Kind == RespKind.Integer ? Number.ToString(System.Globalization.CultureInfo.InvariantCulture) : Encoding.UTF8.GetString(Bytes);
}
