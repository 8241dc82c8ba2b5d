namespace MlvcRtc.Server.Redis;

/// <summary>Something that takes commands to Redis: one connection, or one that is replaced when it breaks.</summary>
internal interface IRedisCalls
{
    /// <summary>Sends one command and returns its answer.</summary>
    /// <exception cref="RedisException">The answer is an error, or there is none; then nobody knows whether the command was carried out.</exception>
    Task<RespValue> Call(params ReadOnlySpan<RedisArgument> words);
}
