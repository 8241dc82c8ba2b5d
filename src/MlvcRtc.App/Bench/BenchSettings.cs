using MlvcRtc.App.CommandLine;

namespace MlvcRtc.App.Bench;

/// <summary>Which directions run.</summary>
internal enum BenchMode
{
    Encode,
    Decode,
    Both,

    /// <summary>A whole endpoint that decodes its own stream.</summary>
    Call,
}

/// <summary>What is measured.</summary>
/// <param name="Size">Of the pictures.</param>
/// <param name="Mode">Which directions run.</param>
/// <param name="FramesPerSecond">Pace of each direction; 0 = as fast as it goes.</param>
/// <param name="Seconds">Measured time, after the warm-up.</param>
/// <param name="Qp">Constant QP.</param>
/// <param name="Input">Video to code; null = the demo clip.</param>
/// <param name="Kbps">Of a call: rate control aims at so many kbit/s, and the pacer spreads packets for that rate; null = constant QP on an ample link.</param>
/// <param name="Adaptive">Of a call: size and frame rate follow the machine's load.</param>
/// <param name="Overload">Of a call: other programs take every core from the one second to the other; null = never.</param>
internal sealed record BenchSettings(
    PictureSize Size, BenchMode Mode, int FramesPerSecond, double Seconds, int Qp, string? Input, int? Kbps = null, bool Adaptive = false, (double From, double To)? Overload = null)
{
    public bool Encodes => Mode != BenchMode.Decode;

    /// <summary>A coded stream is needed beforehand.</summary>
    public bool Decodes => Mode is BenchMode.Decode or BenchMode.Both;
}
