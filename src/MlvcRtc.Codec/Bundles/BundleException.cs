namespace MlvcRtc.Codec.Bundles;

/// <summary>A bundle cannot be used. The message names the file, what was expected, what was found, and what to do.</summary>
public sealed class BundleException : Exception
{
    public BundleException()
    {
    }

    public BundleException(string message)
        : base(message)
    {
    }

    public BundleException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
