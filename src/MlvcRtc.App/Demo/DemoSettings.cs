using MlvcRtc.App.CommandLine;

namespace MlvcRtc.App.Demo;

/// <summary>What the user asked of a demo call.</summary>
/// <param name="Input">A's video; null = the demo clip.</param>
/// <param name="LossPercent">Share of packets that the network loses, each way, 0 .. 100.</param>
/// <param name="RoundTrip">Delay there and back.</param>
/// <param name="Kbps">Coded video of A, kbit/s.</param>
/// <param name="Seconds">Length of the call.</param>
/// <param name="Size">Picture size of A; null = the input's own.</param>
/// <param name="Seed">Same seed, same packets lost.</param>
/// <param name="OutputFolder">Where the results go.</param>
/// <param name="Trace">File for the trace; null = none.</param>
/// <param name="Device">What the networks run on; null = what the environment says, or the fastest that is right.</param>
internal sealed record DemoSettings(
    string? Input, double LossPercent, TimeSpan RoundTrip, int Kbps, double Seconds, PictureSize? Size, int Seed, string OutputFolder, string? Trace = null, string? Device = null);
