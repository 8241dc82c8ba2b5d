using MlvcRtc.App.Calls;

namespace MlvcRtc.IntegrationTests.App.Calls;

public sealed class GoodbyeTests
{
    [Fact]
    public void A_goodbye_is_a_compound_packet_as_RFC_3550_writes_it()
    {
        byte[] packet = new byte[Goodbye.MaxBytes];
        int length = Goodbye.Write(packet, 0x01020304, "01020304");

        byte[] expected =
        [
            0x80, 201, 0, 1, 1, 2, 3, 4,                                            // RR, no reports
            0x81, 202, 0, 4, 1, 2, 3, 4, 1, 8, .. "01020304"u8, 0, 0,               // SDES, CNAME
            0x81, 203, 0, 1, 1, 2, 3, 4,                                            // BYE
        ];
        Assert.Equal(expected.Length, length);
        Assert.Equal(expected, packet[..length]);
        Assert.True(Goodbye.IsIn(packet.AsSpan(0, length), 0x01020304));
        Assert.True(Goodbye.IsIn(packet.AsSpan(0, length), null));
        Assert.False(Goodbye.IsIn(packet.AsSpan(0, length), 5));
    }

    [Fact]
    public void No_cut_or_damage_makes_the_reader_fail()
    {
        Random random = new(3);
        byte[] good = new byte[Goodbye.MaxBytes];
        int length = Goodbye.Write(good, 7, "random");
        int heard = 0;
        for (int i = 0; i < 300_000; i++)
        {
            byte[] packet = good[..random.Next(length + 1)];
            if (packet.Length > 0)
            {
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            }

            heard += Goodbye.IsIn(packet, null) ? 1 : 0;
        }

        Assert.InRange(heard, 1, 290_000);
    }
}
