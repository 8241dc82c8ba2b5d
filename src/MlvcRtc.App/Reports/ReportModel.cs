namespace MlvcRtc.App.Reports;

/// <summary>The bundle a figure was measured with.</summary>
/// <param name="Id">File name without .tar.</param>
/// <param name="Sha256">Of the whole archive, lower-case hexadecimal.</param>
internal sealed record ReportModel(string Id, string Sha256);
