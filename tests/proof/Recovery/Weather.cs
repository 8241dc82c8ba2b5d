using FsCheck;
using FsCheck.Fluent;
using MlvcRtc.Lab.Network;

namespace MlvcRtc.Proof.Recovery;

/// <summary>What the network does for a while. Zero is fair weather, and what failing cases shrink to.</summary>
/// <param name="Frames">How long, in frame intervals.</param>
/// <param name="LossPercent">Of media.</param>
/// <param name="FeedbackLossPercent">Of what the receiver says.</param>
/// <param name="DelayMs">Of media, one way.</param>
/// <param name="FeedbackDelayMs">Any: feedback may be older than several recoveries.</param>
/// <param name="ShuffleMs">Packets of both ways overtake each other within this time.</param>
/// <param name="DuplicatePercent">Of both ways.</param>
public sealed record Spell(int Frames, int LossPercent, int FeedbackLossPercent, int DelayMs, int FeedbackDelayMs, int ShuffleMs, int DuplicatePercent)
{
    public override string ToString() =>
        $"{Frames} frames: loss {LossPercent} % / {FeedbackLossPercent} %, delay {DelayMs} / {FeedbackDelayMs} ms, shuffled {ShuffleMs} ms, twice {DuplicatePercent} %";

    public LinkConditions Forward => Conditions(LossPercent, DelayMs);

    public LinkConditions Backward => Conditions(FeedbackLossPercent, FeedbackDelayMs);

    public IEnumerable<Spell> Simpler()
    {
        if (LossPercent > 0)
        {
            yield return this with { LossPercent = 0 };
        }

        if (FeedbackLossPercent > 0)
        {
            yield return this with { FeedbackLossPercent = 0 };
        }

        if (ShuffleMs > 0)
        {
            yield return this with { ShuffleMs = 0 };
        }

        if (DuplicatePercent > 0)
        {
            yield return this with { DuplicatePercent = 0 };
        }

        if (FeedbackDelayMs > 0)
        {
            yield return this with { FeedbackDelayMs = FeedbackDelayMs / 2 };
        }

        if (DelayMs > 0)
        {
            yield return this with { DelayMs = DelayMs / 2 };
        }

        if (Frames > 1)
        {
            yield return this with { Frames = Frames / 2 };
        }
    }

    private LinkConditions Conditions(int loss, int delayMs) => new()
    {
        Loss = new BernoulliLoss(loss),
        Delay = TimeSpan.FromMilliseconds(delayMs),
        Jitter = TimeSpan.FromMilliseconds(ShuffleMs),
        Reorders = ShuffleMs > 0,
        DuplicatePercent = DuplicatePercent,
    };
}

/// <summary>One case: spells of weather one after the other, chance by seed, and where the counters begin.</summary>
public sealed record Weather(int Seed, ushort FirstFrameId, Spell[] Spells)
{
    public override string ToString() => $"seed {Seed}, first frame {FirstFrameId}:{string.Concat(Spells.Select(spell => $"\n  {spell}"))}";

    public static Arbitrary<Weather> Any { get; } = Arb.From(Generator(), Shrink);

    private static Gen<Weather> Generator()
    {
        // Most of the time some things are well, so that the call lives and the rarer paths are walked.
        Gen<int> loss = Gen.Frequency((3, Gen.Constant(0)), (4, Gen.Choose(1, 30)), (1, Gen.Choose(31, 100)));
        Gen<int> delay = Gen.Frequency((3, Gen.Choose(5, 50)), (1, Gen.Choose(51, 300)));
        Gen<int> feedbackDelay = Gen.Frequency((3, Gen.Choose(5, 50)), (1, Gen.Choose(51, 1500)));
        Gen<int> shuffle = Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(1, 60)), (1, Gen.Choose(61, 500)));
        Gen<int> twice = Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 50)));
        Gen<Spell> spell =
            from frames in Gen.Choose(1, 40)
            from lost in loss
            from unheard in loss
            from forward in delay
            from backward in feedbackDelay
            from shuffled in shuffle
            from doubled in twice
            select new Spell(frames, lost, unheard, forward, backward, shuffled, doubled);
        return
            from seed in Gen.Choose(0, int.MaxValue)
            from first in Gen.Frequency((2, Gen.Choose(65_450, 65_535)), (1, Gen.Choose(32_700, 32_770)), (1, Gen.Choose(0, 3)))
            from count in Gen.Choose(1, 4)
            from spells in spell.ArrayOf(count)
            select new Weather(seed, (ushort)first, spells);
    }

    private static IEnumerable<Weather> Shrink(Weather weather)
    {
        for (int i = 0; weather.Spells.Length > 1 && i < weather.Spells.Length; i++)
        {
            yield return weather with { Spells = [.. weather.Spells.Where((_, place) => place != i)] };
        }

        for (int i = 0; i < weather.Spells.Length; i++)
        {
            foreach (Spell simpler in weather.Spells[i].Simpler())
            {
                Spell[] spells = [.. weather.Spells];
                spells[i] = simpler;
                yield return weather with { Spells = spells };
            }
        }

        if (weather.FirstFrameId != 0)
        {
            yield return weather with { FirstFrameId = 0 };
        }
    }
}
