namespace MlvcRtc.App.Client;

/// <summary>What the page asks for (docs/local-client.md).</summary>
internal abstract record ControlRequest;

/// <param name="Server">Address of the signaling server; "host" = this program is it.</param>
/// <param name="Token">Of the server's operator; null = none.</param>
/// <param name="Kbps">Coded video at most.</param>
/// <param name="SendsVideo">The page will send pictures.</param>
/// <param name="SendsSound">The page will send packets of sound.</param>
internal sealed record JoinRequest(string Name, string Server, string Room, string? Token, CommandLine.PictureSize Size, int FramesPerSecond, int Kbps, bool SendsVideo, bool SendsSound) : ControlRequest
{
    /// <summary>In place of a server: this program is the server.</summary>
    public const string Host = "host";
}

internal sealed record HangUpRequest : ControlRequest;

internal sealed record CameraRequest(bool On) : ControlRequest;

internal sealed record MicrophoneRequest(bool On) : ControlRequest;

/// <param name="Delay">From a packet of sound that reaches the page to what is heard of it.</param>
internal sealed record LoudspeakerRequest(TimeSpan Delay) : ControlRequest;

/// <param name="LossPercent">Each way, at random.</param>
/// <param name="DelayMs">One way, both ways.</param>
/// <param name="RateKbps">Each way; 0 = no limit.</param>
internal sealed record LabRequest(double LossPercent, double DelayMs, double RateKbps) : ControlRequest
{
    /// <summary>Nothing is simulated.</summary>
    public static LabRequest Off { get; } = new(0, 0, 0);
}

/// <summary>Of a type that this version does not know; ignored.</summary>
internal sealed record UnknownRequest : ControlRequest;
