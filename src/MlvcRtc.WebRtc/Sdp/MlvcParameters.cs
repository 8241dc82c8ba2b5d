using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.WebRtc.Sdp;

/// <summary>
/// The <c>a=fmtp</c> parameters of MLVC (docs/payload-format.md §9): what the side that writes them can receive. Defaults are what an absent parameter means.
/// </summary>
public sealed record MlvcParameters
{
    /// <summary>Longer lists are refused: nobody installs so many models, and a list from the wire must end.</summary>
    public const int MaxModels = 32;

    /// <summary>Version of the payload format; both ends the same. 0 is the only one.</summary>
    public int ProfileId { get; init; }

    /// <summary>MODEL_TAGs that can be decoded, in order of preference; empty = any that both ends know otherwise.</summary>
    public IReadOnlyList<uint> Models { get; init; } = [];

    /// <summary>Largest picture, in blocks of 256 luma samples; at least 1.</summary>
    public int MaxFrameSize { get; init; } = 3600;

    /// <summary>Frames per second; at least 1.</summary>
    public int MaxFrameRate { get; init; } = 30;

    /// <summary>Slots for long-term references, 0..8.</summary>
    public int MaxReferences { get; init; } = 8;

    /// <summary>Bytes of the largest frame, descriptors included.</summary>
    public int MaxFrameBytes { get; init; } = PayloadFormat.MaxFrameBytes;

    /// <summary>Bytes of the largest RTP payload.</summary>
    public int MaxPayloadBytes { get; init; } = PayloadFormat.MaxPayloadBytes;

    /// <summary>1 = fragments may be decoded one by one; reserved, 0 in this version.</summary>
    public int Partial { get; init; }

    /// <summary>Reads the value of an <c>a=fmtp</c> line; parameters that we do not know are passed over, a repeated one counts as last written.</summary>
    /// <param name="reason">What is wrong; null when all is well.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out MlvcParameters? parameters, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        parameters = null;
        MlvcParameters read = new();
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf(';');
            ReadOnlySpan<char> pair = (end < 0 ? rest : rest[..end]).Trim(' ');
            rest = end < 0 ? default : rest[(end + 1)..];
            int equals = pair.IndexOf('=');
            ReadOnlySpan<char> name = equals < 0 ? pair : pair[..equals];
            ReadOnlySpan<char> value = equals < 0 ? default : pair[(equals + 1)..];
            reason = Set(ref read, name, value);
            if (reason is not null)
            {
                return false;
            }
        }

        reason = null;
        parameters = read;
        return true;
    }

    /// <summary>All parameters in the order of docs/payload-format.md §10.</summary>
    public override string ToString()
    {
        string models = Models.Count == 0 ? "" : "model=" + string.Join(',', Models.Select(tag => tag.ToString("x8", CultureInfo.InvariantCulture))) + ";";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"profile-id={ProfileId};{models}max-fs={MaxFrameSize};max-fr={MaxFrameRate};max-ltr={MaxReferences};max-frame={MaxFrameBytes};packet={MaxPayloadBytes};partial={Partial}");
    }

    /// <summary>
    /// What we answer to an offer: our limits, the lower <c>max-ltr</c> and <c>partial</c> of both, and of our models those that the offer names, in its order, so that both ends
    /// use the first.
    /// </summary>
    /// <returns>Null = reject the m-line: another version of the payload format, or no model in common.</returns>
    public MlvcParameters? Answer(MlvcParameters offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        uint[] common = offer.Models.Count == 0 ? [.. Models] : [.. offer.Models.Where(tag => Models.Count == 0 || Models.Contains(tag))];
        bool stranger = common.Length == 0 && Models.Count > 0;
        return offer.ProfileId != ProfileId || stranger
            ? null
            : this with
            {
                Models = common,
                MaxReferences = Math.Min(MaxReferences, offer.MaxReferences),
                Partial = Math.Min(Partial, offer.Partial),
            };
    }

    /// <summary>The model in which a sender codes: the first that the receiver names and the sender has; null = none, or the receiver names none.</summary>
    /// <param name="receiver">What the other side wrote.</param>
    public uint? ModelFor(MlvcParameters receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        return receiver.Models.Where(tag => Models.Count == 0 || Models.Contains(tag)).Select(tag => (uint?)tag).FirstOrDefault();
    }

    private static string? Set(ref MlvcParameters read, ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (name is "model")
        {
            List<uint>? models = ReadModels(value);
            read = read with { Models = models ?? [] };
            return models is null ? $"model: expected up to {MaxModels} tags of 8 hexadecimal digits" : null;
        }

        (uint least, uint most) = name switch
        {
            "profile-id" => (0u, 255u),
            "max-fs" => (1u, 1u << 20),  // 16384 x 16384 samples, the largest size that the descriptor can say
            "max-fr" => (1u, 1000u),
            "max-ltr" => (0u, 8u),
            "max-frame" => (1u, (uint)PayloadFormat.MaxFrameBytes),
            "packet" => (64u, 65_535u),  // the longest descriptor and some of a frame; a UDP datagram
            "partial" => (0u, 1u),
            _ => (1u, 0u),
        };
        if (least > most)
        {
            return null;
        }

        if (!SdpTokens.TryNumber(value, most, out uint number) || number < least)
        {
            return $"{name}: expected a number of {least} to {most}";
        }

        int n = (int)number;
        read = name switch
        {
            "profile-id" => read with { ProfileId = n },
            "max-fs" => read with { MaxFrameSize = n },
            "max-fr" => read with { MaxFrameRate = n },
            "max-ltr" => read with { MaxReferences = n },
            "max-frame" => read with { MaxFrameBytes = n },
            "packet" => read with { MaxPayloadBytes = n },
            _ => read with { Partial = n },
        };
        return null;
    }

    private static List<uint>? ReadModels(ReadOnlySpan<char> value)
    {
        List<uint> models = [];
        while (!value.IsEmpty)
        {
            int comma = value.IndexOf(',');
            ReadOnlySpan<char> tag = comma < 0 ? value : value[..comma];
            value = comma < 0 ? default : value[(comma + 1)..];
            if (tag.Length != 8 || models.Count == MaxModels || !uint.TryParse(tag, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number))
            {
                return null;
            }

            models.Add(number);
        }

        return models;
    }
}
