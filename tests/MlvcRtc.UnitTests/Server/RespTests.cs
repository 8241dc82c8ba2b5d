using System.Buffers;
using System.Text;
using MlvcRtc.Server.Redis;

namespace MlvcRtc.UnitTests.Server;

public class RespTests
{
    [Fact]
    public void A_command_is_an_array_of_bulk_strings_that_no_argument_can_end()
    {
        ArrayBufferWriter<byte> output = new();
        RespWriter.Write(output, "SET", "k\r\n$9", 42, new byte[] { 0, 13, 10 });
        Assert.Equal("*4\r\n$3\r\nSET\r\n$5\r\nk\r\n$9\r\n$2\r\n42\r\n$3\r\n\0\r\n\r\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void The_examples_of_the_specification_are_read()
    {
        Assert.Equal("OK", Read("+OK\r\n").Text);
        Assert.Equal((RespKind.Error, "ERR unknown command 'x'"), (Read("-ERR unknown command 'x'\r\n").Kind, Read("-ERR unknown command 'x'\r\n").Text));
        Assert.Equal(-1000, Read(":-1000\r\n").Number);
        Assert.Equal("hel\r\nlo", Read("$7\r\nhel\r\nlo\r\n").Text);
        Assert.Equal(RespKind.Bulk, Read("$0\r\n\r\n").Kind);
        Assert.True(Read("$-1\r\n").IsNull);
        Assert.True(Read("*-1\r\n").IsNull);
        RespValue nested = Read("*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n");
        Assert.Equal([1L, 2L, 3L], nested.Items[0].Items.Select(item => item.Number));
        Assert.Equal(["Hello", "World"], nested.Items[1].Items.Select(item => item.Text));
    }

    [Fact]
    public void A_reply_in_pieces_is_read_when_its_last_byte_is_there_and_not_before()
    {
        byte[] whole = "*2\r\n$5\r\nhello\r\n:7\r\n"u8.ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            RespReader reader = new(whole.AsSpan(0, length));
            Assert.Equal(RespOutcome.More, reader.TryRead(out _));
            Assert.Equal(0, reader.Consumed);
        }

        RespReader all = new([.. whole, .. "+next"u8]);
        Assert.Equal(RespOutcome.Value, all.TryRead(out RespValue value));
        Assert.Equal(("hello", 7L, whole.Length), (value.Items[0].Text, value.Items[1].Number, all.Consumed));
        Assert.Equal(RespOutcome.More, all.TryRead(out _));
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData(":\r\n")]
    [InlineData(":1x\r\n")]
    [InlineData(":99999999999999999999\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$1048577\r\n")]
    [InlineData("$9223372036854775807\r\n")]
    [InlineData("$2\r\nabc\r\n")]
    [InlineData("*4097\r\n")]
    [InlineData("*-7\r\n")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n")]
    public void What_is_no_reply_or_too_much_of_one_is_refused(string bytes)
    {
        RespReader reader = new(Encoding.ASCII.GetBytes(bytes));
        Assert.Equal(RespOutcome.Malformed, reader.TryRead(out _));
    }

    [Fact]
    public void A_line_without_end_is_refused_at_its_bound()
    {
        RespReader reader = new(Encoding.ASCII.GetBytes("+" + new string('a', RespReader.MaxLineBytes)));
        Assert.Equal(RespOutcome.Malformed, reader.TryRead(out _));
    }

    [Fact]
    public void A_promise_of_much_costs_nothing_until_it_comes()
    {
        byte[] promise = "*4096\r\n$1048576\r\n"u8.ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        int waiting = 0;
        for (int i = 0; i < 1000; i++)
        {
            RespReader reader = new(promise);
            waiting += reader.TryRead(out _) == RespOutcome.More ? 1 : 0;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000 * 200);
        Assert.Equal(1000, waiting);
    }

    [Theory]
    [InlineData("redis://localhost", "localhost", 6379, null, null, 0, false)]
    [InlineData("redis://:s%3Acret@10.0.0.7:7000/3", "10.0.0.7", 7000, null, "s:cret", 3, false)]
    [InlineData("rediss://node:pw@redis.example", "redis.example", 6379, "node", "pw", 0, true)]
    public void An_address_names_host_port_login_database_and_TLS(string text, string host, int port, string? user, string? password, int database, bool tls)
    {
        RedisAddress address = RedisAddress.Parse(text);
        Assert.Equal(new RedisAddress(host, port, user, password, database, tls), address);
        Assert.DoesNotContain("cret", address.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:6379")]
    [InlineData("http://localhost")]
    [InlineData("redis://")]
    [InlineData("redis://host/x")]
    [InlineData("redis://user@host")]
    [InlineData("redis://user:secret@host/x")]
    public void A_wrong_address_is_refused_without_repeating_the_password(string text) =>
        Assert.DoesNotContain("secret", Assert.Throws<FormatException>(() => RedisAddress.Parse(text)).Message, StringComparison.Ordinal);

    private static RespValue Read(string bytes)
    {
        RespReader reader = new(Encoding.UTF8.GetBytes(bytes));
        Assert.Equal(RespOutcome.Value, reader.TryRead(out RespValue value));
        Assert.Equal(bytes.Length, reader.Consumed);
        return value;
    }
}
