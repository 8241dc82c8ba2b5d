namespace MlvcRtc.Server.Redis;

/// <summary>Redis refused, did not answer, or cannot be reached; the message says which, and where it was looked for.</summary>
public sealed class RedisException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The first word of Redis' own error, such as NOSCRIPT; empty when it is not Redis that refuses.</summary>
    public string Code { get; init; } = "";
}
