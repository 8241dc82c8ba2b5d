using System.Globalization;
using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Codec.Bundles;

/// <summary>Reads one <c>model_metadata[WxH]</c> object, from the manifest or from the file it names.</summary>
internal static class MetadataJson
{
    /// <summary>Coded sides are u(12) in units of two; 8190 is the largest the syntax holds.</summary>
    private const int MaxSide = 8190;

    /// <summary>The published models have at most 256.</summary>
    private const int MaxChannels = 4096;

    private const int MaxQpNum = 4096;

    /// <param name="json">The object.</param>
    /// <param name="key">The "WxH" under which it stands.</param>
    /// <exception cref="BundleException">A key is missing, of the wrong type or out of range.</exception>
    public static ModelMetadata Read(BundleJson json, string key)
    {
        int width = InRange(json, "model_width", 16, MaxSide);
        int height = InRange(json, "model_height", 16, MaxSide);
        string size = string.Create(CultureInfo.InvariantCulture, $"{width}x{height}");
        if (size != key || ((width | height) & 1) != 0)
        {
            throw new BundleException($"{json.Place}: model_width and model_height are {size}; expected {key}, with even sides.");
        }

        if (json.FindText("scale_decoder_type") is { } type && type != "upsample")
        {
            throw new BundleException($"{json.Place}.scale_decoder_type: expected \"upsample\", found \"{type}\". The bundle is newer than this program; update it.");
        }

        return new ModelMetadata
        {
            ModelWidth = width,
            ModelHeight = height,
            PixelRange = json.Number("pixel_range"),
            QpNum = InRange(json, "qp_num", 1, MaxQpNum),
            TotalQpNum = InRange(json, "total_qp_num", 1, MaxQpNum),
            FrameIndexMap = json.Integers("frame_index_map"),
            QpShift = json.Integers("qp_shift"),
            FeatureChannels = InRange(json, "feature_channels", 1, MaxChannels),
            LatentChannels = InRange(json, "latent_channels", 2, MaxChannels),
            HyperpriorChannels = InRange(json, "hyperprior_channels", 2, MaxChannels),
            DownsampleFeature = InRange(json, "downsample_feature", 1, 64),
            DownsampleLatent = InRange(json, "downsample_latent", 1, 64),
            DownsampleHyperprior = InRange(json, "downsample_hyperprior", 2, 64),
            YScaleRepeat = InRange(json, "y_scale_repeat", 1, MaxChannels),
            IframePeriod = json.FindInteger("iframe_period"),
            ResetPeriod = json.FindInteger("reset_period"),
            LtrStartIdx = json.FindInteger("ltr_start_idx"),
            LtrPeriod = json.FindInteger("ltr_period"),
            QpMapping = json.FindIntegers("qp_mapping"),
            MotionCompensation = Motion(json, width, height),
        };
    }

    private static MotionCompensationKind Motion(BundleJson json, int width, int height)
    {
        switch (json.FindText("motion_compensation"))
        {
            case null:
                return MotionCompensationKind.None;
            case "overlapped16" when (width | height) % MotionField.BlockSize == 0:
                return MotionCompensationKind.Overlapped16;
            case "overlapped16":
                throw new BundleException($"{json.Place}: a model of {width}x{height} with motion compensation; its sides must be multiples of {MotionField.BlockSize}.");
            case "block16":
                throw new BundleException($"{json.Place}.motion_compensation: \"block16\", of bundles up to v0.207, is no longer read. Fetch a newer bundle.");
            case { } other:
                throw new BundleException($"{json.Place}.motion_compensation: expected \"overlapped16\", found \"{other}\". The bundle is newer than this program; update it.");
        }
    }

    private static int InRange(BundleJson json, string key, int least, int most)
    {
        int value = json.Integer(key);
        return value >= least && value <= most ? value : throw new BundleException($"{json.Place}.{key}: {value}; expected {least} to {most}.");
    }
}
