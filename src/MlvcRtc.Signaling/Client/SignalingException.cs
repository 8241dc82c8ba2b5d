namespace MlvcRtc.Signaling.Client;

/// <summary>The room could not be joined; the message has cause and remedy.</summary>
public sealed class SignalingException(string code, string message) : Exception(message)
{
    /// <summary>An <see cref="Messages.ErrorCode"/>, or <see cref="SignalingClient.Unreachable"/>.</summary>
    public string Code => code;
}
