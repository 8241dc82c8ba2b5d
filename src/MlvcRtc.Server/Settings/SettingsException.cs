namespace MlvcRtc.Server.Settings;

/// <summary>The server cannot start with these settings; one line for each thing that is wrong.</summary>
internal sealed class SettingsException(string message) : Exception(message);
