namespace MlvcRtc.Server.Redis;

/// <summary>The steps that Redis takes as one, each on one key (so that they would run in a cluster, too).</summary>
internal static class RedisRoomScripts
{
    /// <summary>Key: a room. Answers its state ('' = none) and the time in milliseconds since 1970.</summary>
    public static readonly RedisScript Read = new("""
        local t = redis.call('TIME')
        return {redis.call('GET', KEYS[1]) or '', t[1] * 1000 + math.floor(t[2] / 1000)}
        """);

    /// <summary>
    /// Key: a room. Arguments: the state it is expected to have, the state it gets ('' = none), for how many milliseconds, then channel and message of each note. Answers 1,
    /// or 0 when the state is another and nothing was done. Notes are published within the step, so that their order is the order of the changes.
    /// </summary>
    public static readonly RedisScript Change = new("""
        if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
        if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
        for i = 4, #ARGV, 2 do redis.call('PUBLISH', ARGV[i], ARGV[i + 1]) end
        return 1
        """);

    /// <summary>Key: a token. Arguments: who wants it, for how many milliseconds. Answers 1, or 0 when another has it.</summary>
    public static readonly RedisScript Claim = new("""
        local owner = redis.call('GET', KEYS[1])
        if owner and owner ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1
        """);

    /// <summary>Key: a token. Argument: who gives it back.</summary>
    public static readonly RedisScript Release = new("""
        if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 1
        """);
}
