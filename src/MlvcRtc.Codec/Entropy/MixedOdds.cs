using System.Runtime.CompilerServices;

namespace MlvcRtc.Codec.Entropy;

/// <summary>Where a symbol's row begins in each of eight tables of logits.</summary>
[InlineArray(Length)]
internal struct LogitRows
{
    public const int Length = 8;

    private int _first;
}

/// <summary>
/// The odds of choices as the logistic of a sum of logits, one from each table, which every answer moves: logistic mixing (Mahoney 2005) without weights. Before each frame the logits are the trained ones. No allocation per frame. One thread.
/// </summary>
internal sealed class MixedOdds(TrainedLogits trained)
{
    /// <summary>Slots that mean no where both answers are as likely.</summary>
    public const ushort Even = Whole / 2;

    private const int Whole = 1 << FrequencyTables.PrecisionBits;

    /// <summary>Bits of a sum below those that number the constants of <see cref="Logistic"/>: half a unit of the logistic's argument is 2^11 of 1/4096.</summary>
    private const int FractionBits = 11;

    /// <summary>An answer moves each logit by this · (answer − odds) / 2^16: 0.02 · (answer − odds) of a logit of 4096 units (docs/bitstream.md §12).</summary>
    private const int Rate = 82;

    private readonly short[] _logits = new short[trained.Count];

    /// <summary>round(2^16 / (1 + exp(8 − n/2))), n = 0 .. 32. Numbers in the code: no two machines may differ.</summary>
    private static readonly ushort[] Logistic =
    [
        22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768,
        40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514,
    ];

    /// <summary>Before a frame: nothing is carried over, since the frame before may be lost.</summary>
    public void Forget() => trained.Values.CopyTo(_logits);

    /// <summary>Choice <paramref name="choice"/> of what has these rows, asked and learnt from.</summary>
    public bool Ask<TCoder>(ref TCoder coder, scoped ReadOnlySpan<int> rows, int choice, bool answer)
        where TCoder : struct, IChoices, allows ref struct
    {
        ushort noSlots = NoSlots(rows, choice);
        bool yes = coder.Ask(noSlots, answer);
        Learn(rows, choice, noSlots, yes);
        return yes;
    }

    /// <summary>Slots of 2^16 that mean no.</summary>
    private ushort NoSlots(ReadOnlySpan<int> rows, int choice)
    {
        short[] logits = _logits;
        int sum = 0;
        foreach (int row in rows)
        {
            sum += logits[row + choice];
        }

        int x = int.Clamp(sum, -TrainedLogits.Largest, TrainedLogits.Largest) + (TrainedLogits.Largest + 1);
        int n = x >> FractionBits;
        int low = Logistic[n];
        return (ushort)(Whole - low - (((Logistic[n + 1] - low) * (x & ((1 << FractionBits) - 1))) >> FractionBits));
    }

    /// <summary>Moves the logits that made these odds towards the answer.</summary>
    private void Learn(ReadOnlySpan<int> rows, int choice, ushort noSlots, bool yes)
    {
        int error = (yes ? Whole : 0) - (Whole - noSlots);
        int step = ((error * Rate) + (Whole / 2)) >> FrequencyTables.PrecisionBits;
        if (step == 0)
        {
            return;
        }

        short[] logits = _logits;
        foreach (int row in rows)
        {
            ref short logit = ref logits[row + choice];
            logit = (short)int.Clamp(logit + step, -TrainedLogits.Largest, TrainedLogits.Largest);
        }
    }
}
