using System.Text.Json.Serialization;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.Signaling.Messages;

/// <summary>
/// Source-generated readers and writers. Unknown properties are skipped (newer clients), duplicates are refused (two readers could see two messages),
/// null where it is not allowed is refused, depth is bounded (our deepest message has 4 levels).
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = MaxDepth)]
[JsonSerializable(typeof(SignalMessage))]
[JsonSerializable(typeof(RoomNote))]
[JsonSerializable(typeof(RoomState))]
public sealed partial class SignalJson : JsonSerializerContext
{
    public const int MaxDepth = 8;
}
