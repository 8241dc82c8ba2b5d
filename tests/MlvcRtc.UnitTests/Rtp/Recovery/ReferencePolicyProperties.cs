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
    /// Random options, then 240 events: frames, and messages whose numbers are mostly near the truth and sometimes anything. The model beside the policy knows only what was said,
    /// what every slot holds, and which frames were predicted step by step from which: who keeps one keeps those before it. Without references among the tools nobody confirms anything,
    /// and the only frames referred to are roots: the key frame, the eighth after it, and frames predicted from roots.
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
            RenewalPeriod = random.Next(8) == 0 ? 0 : random.Next(ChainRenewal.Alignment, 65),
            RefreshPeriod = random.Next(8) == 0 ? 0 : random.Next(60, 121),
            TwoLayers = random.Next(2) == 0,
        };
        ReferencePolicy policy = new(options) { RoundTripTime = TimeSpan.FromMilliseconds(random.Next(1000)) };
        ushort id = (ushort)random.Next(65536);
        bool usesReferences = (options.Tools & RecoveryTools.References) != 0;
        (ushort Id, int Number, int Chain, bool IsRoot)?[] slots = new (ushort, int, int, bool)?[8];
        HashSet<ushort> confirmed = [];
        int number = -1, sinceKeyFrame = -1, chain = 0;
        EncodedFrame frame = new();
        TimeSpan now = TimeSpan.Zero;
        TimeSpan? lastKeyFrame = null;
        int events = 0;
        while (events++ < 240)
        {
            int what = random.Next(10);
            if (what >= 5)
            {
                ReferenceChoice choice = policy.Next(now);
                number++;
                sinceKeyFrame++;
                chain += choice.Type == FrameType.Inter ? 0 : 1;
                if (choice.Type == FrameType.Recovery)
                {
                    (ushort Id, int Number, int Chain, bool IsRoot)? reference = slots[choice.FromSlot!.Value];
                    Require(reference is { } held && (usesReferences ? confirmed.Contains(held.Id) : held.IsRoot), "refers to what was not confirmed");
                    Require(choice.MarkSlot != choice.FromSlot, "overwrites the newest confirmed reference");
                }
                else if (choice.Type == FrameType.Intra)
                {
                    Require(lastKeyFrame is not { } last || now - last >= KeyFrameLimit.DefaultMinInterval, "two key frames within 500 ms");
                    lastKeyFrame = now;
                    sinceKeyFrame = 0;
                    Array.Clear(slots);
                    confirmed.Clear();
                }

                Require(choice.MarkSlot is not { } outside || outside < options.Slots, "marks a slot that does not exist");
                Require(!choice.IsDiscardable || (choice.Type == FrameType.Inter && choice.MarkSlot is null && options.TwoLayers && usesReferences), "drops what others need");
                frame.Type = choice.Type;
                frame.FrameId = id;
                frame.ReferenceId = choice.FromSlot is { } from ? slots[from]!.Value.Id : (ushort)(id - (choice.Type == FrameType.Intra ? 0 : 1));
                frame.LtrSlot = choice.Type == FrameType.Intra ? 0 : choice.MarkSlot;
                if (frame.LtrSlot is { } mark)
                {
                    slots[mark] = (id, number, chain, choice.Type != FrameType.Inter || sinceKeyFrame == ChainRenewal.Alignment);
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
            foreach ((ushort Id, int Number, int Chain, bool IsRoot)? slot in slots)
            {
                if (Array.Find(slots, one => one?.Id == best) is { } named && slot is { } held && held.Chain == named.Chain && held.Number <= named.Number)
                {
                    confirmed.Add(held.Id);
                }
            }
        }
    }

    private static ushort Near(Random random, ushort id) => random.Next(8) == 0 ? (ushort)random.Next(65536) : (ushort)(id - random.Next(-2, 30));

    private static void Require(bool met, string otherwise) => Assert.True(met, otherwise);
}
