using FsCheck;
using FsCheck.Fluent;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Proof.Recovery;

/// <summary>What a false feedback message is.</summary>
public enum LieKind
{
    Mlvc = 0,
    Pli = 1,
    Fir = 2,
    Rpsi = 3,
    Nack = 4,
    TransportCc = 5,
    Garbage = 6,
}

/// <summary>One false message, sent several times.</summary>
/// <param name="Frame">When, in frame intervals from the start.</param>
/// <param name="Offset">The number it names, relative to the newest frame sent; RTP and transport-wide numbers likewise.</param>
/// <param name="Flags">Of an MLVC message; COUNT of all.</param>
/// <param name="Times">In a row.</param>
public sealed record Lie(int Frame, LieKind Kind, int Offset, byte Flags, int Times)
{
    private const uint Sender = 0xBAD;

    public int Write(Span<byte> destination, uint media, ushort newestFrame, ushort newestPacket)
    {
        ushort frame = (ushort)(newestFrame + Offset);
        ushort packet = (ushort)(newestPacket + Offset);
        switch (Kind)
        {
            case LieKind.Mlvc:
                return new ReferenceFeedback
                {
                    SenderSsrc = Sender,
                    MediaSsrc = media,
                    LastDecoded = frame,
                    LastReceived = (ushort)(newestFrame + (Flags >> 5)),
                    BestLtr = frame,
                    IsBroken = (Flags & 1) != 0,
                    NeedsIntra = (Flags & 2) != 0,
                    IsAcknowledgement = (Flags & 4) != 0,
                    HasBestLtr = (Flags & 8) != 0,
                    DecoderIsCongested = (Flags & 16) != 0,
                    Count = (byte)(Flags * 7),
                }.Write(destination);
            case LieKind.Pli:
                return new PictureLossIndication(Sender, media).Write(destination);
            case LieKind.Fir:
                return new FullIntraRequest(Sender, media, Flags).Write(destination);
            case LieKind.Rpsi:
                return new ReferencePictureSelection(Sender, media, 109, frame).Write(destination);
            case LieKind.Nack:
                Span<ushort> lost = stackalloc ushort[20];
                for (int i = 0; i < lost.Length; i++)
                {
                    lost[i] = (ushort)(packet + i);
                }

                return GenericNack.Write(destination, Sender, media, lost);
            case LieKind.TransportCc:
                Span<TimeSpan> arrivals = stackalloc TimeSpan[40];
                for (int i = 0; i < arrivals.Length; i++)
                {
                    arrivals[i] = (Flags >> (i & 7) & 1) == 0 ? TransportFeedbackWriter.NotArrived : TimeSpan.FromMilliseconds((Flags * i % 500) + 100);
                }

                arrivals[0] = TimeSpan.FromMilliseconds(Flags);
                return TransportFeedbackWriter.Write(destination, Sender, media, packet, Flags, arrivals, out _);
            default:
                new Random(Offset).NextBytes(destination[..24]);
                destination[0] = (byte)((2 << 6) | (Flags & 0x1F));
                destination[1] = (byte)(200 + (Offset & 7));
                return 24;
        }
    }
}

/// <summary>One case: the weather, and what a liar says meanwhile.</summary>
public sealed record Slander(Weather Weather, Lie[] Lies)
{
    public override string ToString() => $"{Weather}{string.Concat(Lies.Select(lie => $"\n  {lie}"))}";

    public static Arbitrary<Slander> Any { get; } = Arb.From(Generator(), Shrink);

    private static Gen<Slander> Generator()
    {
        Gen<LieKind> kind = Gen.Frequency((6, Gen.Constant(LieKind.Mlvc)), (4, Gen.Choose(1, 6).Select(value => (LieKind)value)));
        Gen<int> offset = Gen.Frequency((5, Gen.Choose(-40, 3)), (1, Gen.Choose(-32_768, 32_767)));
        Gen<Lie> lie =
            from frame in Gen.Choose(0, 90)
            from which in kind
            from number in offset
            from flags in Gen.Choose(0, 255)
            from times in Gen.Frequency((4, Gen.Choose(1, 2)), (1, Gen.Choose(3, 60)))
            select new Lie(frame, which, number, (byte)flags, times);
        return
            from weather in Weather.Any.Generator
            from count in Gen.Choose(1, 30)
            from lies in lie.ArrayOf(count)
            select new Slander(weather, lies);
    }

    private static IEnumerable<Slander> Shrink(Slander slander)
    {
        int half = slander.Lies.Length / 2;
        if (half > 0)
        {
            yield return slander with { Lies = slander.Lies[half..] };
            yield return slander with { Lies = slander.Lies[..half] };
        }

        for (int i = 0; i < slander.Lies.Length; i++)
        {
            yield return slander with { Lies = [.. slander.Lies.Where((_, place) => place != i)] };
            if (slander.Lies[i].Times > 1)
            {
                Lie[] lies = [.. slander.Lies];
                lies[i] = lies[i] with { Times = 1 };
                yield return slander with { Lies = lies };
            }
        }

        foreach (Weather weather in Weather.Any.Shrinker(slander.Weather))
        {
            yield return slander with { Weather = weather };
        }
    }
}
