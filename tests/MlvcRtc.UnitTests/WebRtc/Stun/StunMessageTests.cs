using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.UnitTests.WebRtc.Stun;

/// <summary>What a receiver makes of well-formed, cut and lying messages.</summary>
public sealed class StunMessageTests
{
    private static readonly TransactionId Transaction = new(1, 2);

    private static readonly byte[] Key = "0123456789abcdefghijkl"u8.ToArray();

    [Fact]
    public void A_message_cut_anywhere_is_refused()
    {
        byte[] message = Message();
        for (int length = 0; length < message.Length; length++)
        {
            Assert.False(StunMessage.TryParse(message.AsSpan(0, length), out _), $"{length} bytes");
        }

        Assert.True(StunMessage.TryParse(message, out _));
    }

    [Fact]
    public void What_stands_behind_the_signature_is_not_seen()
    {
        StunWriter writer = new(new byte[200], StunClass.Request, StunMethod.Binding, Transaction);
        writer.AddIntegrity(Key);
        writer.Add(StunAttribute.UseCandidate, default(ReadOnlySpan<byte>));
        writer.AddFingerprint();
        Assert.True(StunMessage.TryParse(writer.Written, out StunMessage message));
        Assert.True(message.HasValidFingerprint());
        Assert.False(message.Has(StunAttribute.UseCandidate));
        Assert.True(message.IsFrom(Key));
    }

    [Fact]
    public void An_attribute_that_reaches_over_the_end_is_refused()
    {
        byte[] message = Message();
        message[StunMessage.HeaderBytes + 3] = 0xF0;
        Assert.False(StunMessage.TryParse(message, out _));
    }

    [Fact]
    public void An_unknown_attribute_is_named_only_if_it_had_to_be_understood()
    {
        StunWriter writer = new(new byte[200], StunClass.Request, StunMethod.Binding, Transaction);
        writer.Add((StunAttribute)0xC057, 1u);
        Assert.True(StunMessage.TryParse(writer.Written, out StunMessage optional));
        Assert.Null(optional.FirstUnknownRequired());
        writer.Add((StunAttribute)0x7777, 1u);
        Assert.True(StunMessage.TryParse(writer.Written, out StunMessage required));
        Assert.Equal((ushort)0x7777, required.FirstUnknownRequired());
    }

    [Fact]
    public void An_error_code_comes_back_as_it_was_written()
    {
        StunWriter writer = new(new byte[200], StunClass.Error, StunMethod.Binding, Transaction);
        writer.AddError(487, "Role Conflict");
        Assert.True(StunMessage.TryParse(writer.Written, out StunMessage message));
        Assert.Equal(487, message.ErrorCode());
    }

    [Fact]
    public void An_unanswered_request_is_sent_7_times_and_given_up_after_79_rto()
    {
        // RFC 8489 §6.2.1: at 0, 500, 1500, 3500, 7500, 15500 and 31500 ms; failed at 39500 ms.
        Retransmission retransmission = new(TimeSpan.Zero, Retransmission.DefaultRto);
        List<double> sent = [0];
        for (TimeSpan due = retransmission.Due; retransmission.Next(due); due = retransmission.Due)
        {
            sent.Add(due.TotalMilliseconds);
        }

        Assert.Equal([0, 500, 1500, 3500, 7500, 15500, 31500], sent);
        Assert.Equal(39500, retransmission.Due.TotalMilliseconds);
    }

    private static byte[] Message()
    {
        StunWriter writer = new(new byte[200], StunClass.Request, StunMethod.Binding, Transaction);
        writer.Add(StunAttribute.Username, "abcd:efghi");
        writer.Add(StunAttribute.Priority, 77u);
        writer.AddIntegrity(Key);
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
