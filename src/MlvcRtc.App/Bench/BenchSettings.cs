using MlvcRtc.App.CommandLine;

namespace MlvcRtc.App.Bench;

/// <summary>Which directions run.</summary>
internal enum BenchMode
{
    Encode,
    Decode,
    Both,
}

/// <summary>What is measured.</summary>
/// <param name="Size">Of the pictures.</param>
/// <param name="Mode">Which directions run.</param>
/// <param name="FramesPerSecond">Pace of each direction; 0 = as fast as it goes.</param>
/// <param name="Seconds">Measured time, after the warm-up.</param>
/// <param name="Qp">Constant QP.</param>
/// <param name="Input">Video to code; null = the demo clip.</param>
internal sealed record BenchSettings(PictureSize Size, BenchMode Mode, int FramesPerSecond, double Seconds, int Qp, string? Input)
{
    public bool Encodes => Mode != BenchMode.Decode;

    public bool Decodes => Mode != BenchMode.Encode;
}
