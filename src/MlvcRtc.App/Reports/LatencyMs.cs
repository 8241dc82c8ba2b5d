namespace MlvcRtc.App.Reports;

/// <summary>Milliseconds.</summary>
internal sealed record LatencyMs(double P50, double P95);
