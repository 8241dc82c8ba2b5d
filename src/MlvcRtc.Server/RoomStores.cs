using MlvcRtc.Server.Redis;
using MlvcRtc.Server.Settings;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.Server;

/// <summary>Which room store the settings ask for.</summary>
internal static class RoomStores
{
    /// <exception cref="SettingsException">The address of Redis is not one.</exception>
    public static IRoomStore Create(ServerSettings settings, IServiceProvider services)
    {
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        try
        {
            return settings.Redis is null
                ? new MemoryRoomStore(time)
                : new RedisRoomStore(settings.Redis, time, new Random(), services.GetRequiredService<ILogger<RedisRoomStore>>());
        }
        catch (FormatException exception)
        {
            throw new SettingsException("Signaling:Redis: " + exception.Message);
        }
    }
}
