using FsCheck;
using FsCheck.Fluent;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.UnitTests.Rtp.Recovery;

/// <summary>A receiver that says anything at all.</summary>
public sealed class ReferencePolicyProperties
{
    private const int Cases = 10_000;

    /// <summary>
    /// Random options, then 120 events: frames, and messages whose numbers are mostly near the truth and sometimes anything. The model beside the policy knows only what was said
    /// and what every slot holds.
    /// </summary>
    [Fact]
    public void No_message_makes_the_sender_refer_to_what_was_not_confirmed_or_exceed_one_key_frame_in_500_ms() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            Random random = new(seed);
            Run(random);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));

    private static void Run(Random random)
    {
        ReferencePolicyOptions options = new()
        {
            FrameInterval = TimeSpan.FromSeconds(1.0 / random.Next(5, 101)),
            Slots = random.Next(4, 9),
            MarkAlignment = random.Next(1, 5),
            AcknowledgedReferences = (AcknowledgedReferenceUse)random.Next(3),
            Tools = random.Next(4) == 0 ? (RecoveryTools)random.Next(8) : RecoveryTools.All,
        };
        ReferencePolicy policy = new(options) { RoundTripTime = TimeSpan.FromMilliseconds(random.Next(1000)) };
        ushort id = (ushort)random.Next(65536);
        ushort?[] slots = new ushort?[8];
        HashSet<ushort> confirmed = [];
        EncodedFrame frame = new();
        TimeSpan now = TimeSpan.Zero;
        TimeSpan? lastKeyFrame = null;
        int events = 0;
        while (events++ < 120)
        {
            int what = random.Next(10);
            if (what >= 5)
            {
                ReferenceChoice choice = policy.Next(now);
                if (choice.Type == FrameType.Recovery)
                {
                    ushort? reference = slots[choice.FromSlot!.Value];
                    Require(reference is { } held && confirmed.Contains(held), "refers to what was not confirmed");
                    Require(choice.MarkSlot != choice.FromSlot, "overwrites the newest confirmed reference");
                }
                else if (choice.Type == FrameType.Intra)
                {
                    Require(lastKeyFrame is not { } last || now - last >= KeyFrameLimit.DefaultMinInterval, "two key frames within 500 ms");
                    lastKeyFrame = now;
                    Array.Clear(slots);
                    confirmed.Clear();
                }

                Require(choice.MarkSlot is not { } outside || outside < options.Slots, "marks a slot that does not exist");
                frame.Type = choice.Type;
                frame.FrameId = id;
                frame.LtrSlot = choice.Type == FrameType.Intra ? 0 : choice.MarkSlot;
                if (frame.LtrSlot is { } mark)
                {
                    slots[mark] = id;
                    confirmed.Remove(id);  // an old confirmation of this number was of a frame 2^16 ago
                }

                policy.FrameCoded(frame, now, now);
                if (random.Next(40) == 0)
                {
                    policy.FrameUnsent();
                }

                id++;
                now += options.FrameInterval;
                continue;
            }

            now += TimeSpan.FromMilliseconds(random.Next(20));
            ushort best = Near(random, id);
            switch (what)
            {
                case 0:
                    policy.PictureLost(now);
                    break;
                case 1:
                    if (random.Next(2) == 0)
                    {
                        policy.KeyFrameRequested(now);
                    }
                    else
                    {
                        policy.ReferenceConfirmed(best);
                        Confirm(best);
                    }

                    break;
                case 2:
                    policy.LossMeasured(random.NextDouble() * 2 - 0.5, now);
                    break;
                default:
                    ReferenceFeedback feedback = new()
                    {
                        BestLtr = best,
                        HasBestLtr = random.Next(4) != 0,
                        LastDecoded = Near(random, id),
                        LastReceived = Near(random, id),
                        IsBroken = random.Next(2) == 0,
                        NeedsIntra = random.Next(6) == 0,
                        Count = (byte)random.Next(256),
                    };
                    if (policy.Receive(feedback, now) && feedback.HasBestLtr)
                    {
                        Confirm(best);
                    }

                    break;
            }
        }

        void Confirm(ushort best)
        {
            if (slots.Contains(best))
            {
                confirmed.Add(best);
            }
        }
    }

    private static ushort Near(Random random, ushort id) => random.Next(8) == 0 ? (ushort)random.Next(65536) : (ushort)(id - random.Next(-2, 30));

    private static void Require(bool met, string otherwise) => Assert.True(met, otherwise);
}
