using MlvcRtc.Server.Settings;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.Server;

/// <summary>Which room store the settings ask for.</summary>
internal static class RoomStores
{
    public static IRoomStore Create(ServerSettings settings, IServiceProvider services) => settings.Redis is null
        ? new MemoryRoomStore(services.GetRequiredService<TimeProvider>())
        : throw new SettingsException("Signaling:Redis is set, but this build has no Redis store.");
}
