using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace MlvcRtc.Server.Redis;

/// <summary>A Lua script that Redis runs as one step. It is named by its SHA-1 (EVALSHA) and sent whole only when Redis does not know it, as after a restart.</summary>
internal sealed class RedisScript(string source)
{
    [SuppressMessage("Security", "CA5350", Justification = "EVALSHA names scripts by SHA-1; nothing is secured by it.")]
    private readonly string _sha1 = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(source)));

    /// <exception cref="RedisException">As <see cref="RedisConnection.Call"/>.</exception>
    public async Task<RespValue> Run(IRedisCalls redis, string key, params RedisArgument[] arguments)
    {
        try
        {
            return await redis.Call(["EVALSHA", _sha1, 1, key, .. arguments]).ConfigureAwait(false);
        }
        catch (RedisException e) when (e.Code == "NOSCRIPT")
        {
            return await redis.Call(["EVAL", source, 1, key, .. arguments]).ConfigureAwait(false);
        }
    }
}
