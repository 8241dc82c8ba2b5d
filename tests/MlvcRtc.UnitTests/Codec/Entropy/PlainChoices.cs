using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>Choices whose odds are sums of logits, the slow obvious way (docs/bitstream.md §12).</summary>
internal sealed class PlainChoices(int[] trained)
{
    private readonly int[] _logits = [.. trained];

    public List<BinaryChoice> Choices { get; } = [];

    /// <summary>By the logits at these places, which then learn.</summary>
    public void Put(int[] places, bool yes)
    {
        int x = Math.Clamp(places.Sum(place => _logits[place]), -32767, 32767) + 32768;
        (int n, int f) = (x / 2048, x % 2048);
        int yesSlots = Logistic(n) + ((Logistic(n + 1) - Logistic(n)) * f / 2048);
        Choices.Add(new BinaryChoice((ushort)(65536 - yesSlots), yes));
        int step = (int)Math.Floor(((((yes ? 65536 : 0) - yesSlots) * 82) + 32768) / 65536.0);
        foreach (int place in places)
        {
            _logits[place] = Math.Clamp(_logits[place] + step, -32767, 32767);
        }
    }

    public void PutEven(bool yes) => Choices.Add(new BinaryChoice(32768, yes));

    /// <summary>A magnitude: rows of <paramref name="length"/> logits begin at these places; so many questions by size.</summary>
    public void PutMagnitude(int[] rows, long magnitude, int sizes, int length)
    {
        for (int t = 0; t < sizes; t++)
        {
            Put([.. rows.Select(row => row + t)], magnitude > t);
            if (magnitude <= t)
            {
                return;
            }
        }

        string bits = Convert.ToString(magnitude - sizes + 1, 2)[1..];
        for (int n = 0; n <= bits.Length; n++)
        {
            Put([.. rows.Select(row => row + int.Min(sizes + n, length - 1))], n < bits.Length);
        }

        Choices.AddRange(bits.Select(bit => new BinaryChoice(32768, bit == '1')));
    }

    /// <summary>How many of these a number reaches.</summary>
    public static int Step(int number, params int[] least) => least.Count(value => value <= number);

    /// <summary>Where tables of so many logits begin.</summary>
    public static int[] StartsOf(params int[] counts) => [.. Enumerable.Range(0, counts.Length).Select(table => counts.Take(table).Sum())];

    private static int Logistic(int n) => (int)Math.Round(65536 / (1 + Math.Exp(8 - (n / 2.0))));
}
