namespace MlvcRtc.Lab.RateDistortion;

/// <summary>One setting of a codec on one clip.</summary>
/// <param name="Kbps">Above zero.</param>
/// <param name="Quality">Decibels, the higher the better.</param>
public readonly record struct RatePoint(double Kbps, double Quality);
