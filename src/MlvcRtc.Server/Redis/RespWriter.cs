using System.Buffers;
using System.Globalization;
using System.Text;

namespace MlvcRtc.Server.Redis;

/// <summary>One word of a command: text (as UTF-8), a number, or bytes.</summary>
internal readonly record struct RedisArgument(ReadOnlyMemory<byte> Bytes)
{
    public static implicit operator RedisArgument(string text) => new(Encoding.UTF8.GetBytes(text));

    public static implicit operator RedisArgument(long number) => new(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    public static implicit operator RedisArgument(byte[] bytes) => new(bytes);

    public static implicit operator RedisArgument(ReadOnlyMemory<byte> bytes) => new(bytes);
}

/// <summary>Writes commands as RESP2 asks for them: an array of bulk strings, so that no byte of an argument can end it.</summary>
internal static class RespWriter
{
    public static void Write(IBufferWriter<byte> output, params ReadOnlySpan<RedisArgument> words)
    {
        WriteHead(output, (byte)'*', words.Length);
        foreach (RedisArgument word in words)
        {
            WriteHead(output, (byte)'$', word.Bytes.Length);
            output.Write(word.Bytes.Span);
            output.Write("\r\n"u8);
        }
    }

    private static void WriteHead(IBufferWriter<byte> output, byte type, int count)
    {
        Span<byte> head = output.GetSpan(16);  // type, ten digits, CR LF
        head[0] = type;
        _ = count.TryFormat(head[1..], out int digits, provider: CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(head[(1 + digits)..]);
        output.Advance(digits + 3);
    }
}
