using Microsoft.Extensions.Logging;

namespace MlvcRtc.Server.Redis;

/// <summary>
/// Commands to Redis and one channel from it, over two connections (RESP2 lets a subscriber send nothing else) that are replaced together when either breaks:
/// after 50 ms at first, doubling to 1 s, each with up to half as much again by chance, so that the nodes of a fleet do not return in step. Calls while there is
/// no connection fail at once: who calls knows whether to try again. Safe for any thread.
/// </summary>
internal sealed partial class RedisClient : IRedisCalls, IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(1);

    private readonly RedisClientOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _keeping;
    private volatile RedisConnection? _open;

    public RedisClient(RedisClientOptions options, TimeProvider time, Random random, ILogger log)
    {
        (_options, _time, _random, _log) = (options, time, random, log);
        _keeping = Keep();
    }

    /// <summary>There is a connection, and what had to be restored has been.</summary>
    public bool IsOpen => _open is { IsOpen: true };

    public Task<RespValue> Call(params ReadOnlySpan<RedisArgument> words) =>
        _open?.Call(words) ?? Task.FromException<RespValue>(new RedisException($"There is no connection to Redis at {_options.Address}; it is being looked for"));

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        _ending.Dispose();
    }

    private async Task Keep()
    {
        await Task.Yield();  // who constructs it may not wait, nor be called back before it is done
        TimeSpan pause = FirstPause;
        bool complained = false;
        long? lost = null;
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                RedisConnection calls = await RedisConnection.Open(_options.Address, _time, null, _ending.Token).ConfigureAwait(false);
                await using (calls.ConfigureAwait(false))
                {
                    RedisConnection channel = await RedisConnection.Open(_options.Address, _time, _options.OnMessage, _ending.Token).ConfigureAwait(false);
                    await using (channel.ConfigureAwait(false))
                    {
                        _ = await channel.Call("SUBSCRIBE", _options.Channel).ConfigureAwait(false);
                        await _options.BeforeOpen(calls, lost is { } since ? _time.GetElapsedTime(since) : null).ConfigureAwait(false);
                        _open = calls;
                        LogFound(_log, _options.Address);
                        (pause, complained) = (FirstPause, false);
                        _options.OnOpen();
                        _ = await Task.WhenAny(calls.Closed, channel.Closed).WaitAsync(_ending.Token).ConfigureAwait(false);
                        _open = null;
                        lost = _time.GetTimestamp();
                        LogLost(_log, _options.Address);
                    }
                }
            }
            catch (RedisException e)
            {
                if (!complained)  // once an outage
                {
                    LogUnreachable(_log, e.Message);
                }

                complained = true;
            }
            catch (OperationCanceledException)
            {
                _open = null;
                return;
            }

            await Task.Delay(pause * (1 + (_random.NextDouble() / 2)), _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause < LongestPause / 2 ? 2 * pause : LongestPause;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis at {Address} is connected")]
    private static partial void LogFound(ILogger log, RedisAddress address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to Redis at {Address} is lost")]
    private static partial void LogLost(ILogger log, RedisAddress address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cause}")]
    private static partial void LogUnreachable(ILogger log, string cause);
}

/// <summary>What a <see cref="RedisClient"/> connects to and whom it tells.</summary>
/// <param name="Channel">Subscribed to on every connection.</param>
/// <param name="OnMessage">A message of the channel; neither blocks nor throws.</param>
/// <param name="BeforeOpen">Runs on every new connection before anyone else calls, told for how long there was none (null = ever); throws <see cref="RedisException"/> to have another one made.</param>
/// <param name="OnOpen">Calls succeed from now on; neither blocks nor throws.</param>
internal sealed record RedisClientOptions(
    RedisAddress Address, string Channel, Action<byte[]> OnMessage, Func<IRedisCalls, TimeSpan?, Task> BeforeOpen, Action OnOpen);
