using MlvcRtc.Server.Redis;
using MlvcRtc.Server.Settings;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.Server;

/// <summary>Which room store the settings ask for.</summary>
internal static class RoomStores
{
    /// <exception cref="SettingsException">The address of Redis cannot be read.</exception>
    public static IRoomStore Create(ServerSettings settings, IServiceProvider services)
    {
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        if (settings.Redis is not { } address)
        {
            return new MemoryRoomStore(time);
        }

        try
        {
            // The seed scatters reconnects of nodes that lost Redis together.
            return new RedisRoomStore(address, time, new Random(Environment.ProcessId), services.GetRequiredService<ILogger<RedisRoomStore>>());
        }
        catch (FormatException exception)
        {
            throw new SettingsException("Signaling:Redis: " + exception.Message);
        }
    }
}
