namespace MlvcRtc.App.CommandLine;

/// <summary>What the program tells the shell. Append-only; the root help text lists them.</summary>
internal enum ExitCode
{
    Ok = 0,

    /// <summary>Something failed that is no fault of the command or its input: a missing tool, a device, a check that did not hold.</summary>
    Failed = 1,

    /// <summary>The command line or the input cannot be used: a missing file, not a video, an odd size, an option out of range.</summary>
    BadInput = 2,

    /// <summary>A stream or bundle is damaged: cut short, garbage, wrong SHA-256. What could be saved was saved.</summary>
    Damaged = 3,

    /// <summary>No bundle for the model version that the stream or the command names.</summary>
    UnknownModel = 4,

    /// <summary>The output could not be written: no space, no permission, no such folder.</summary>
    OutputFailed = 5,

    /// <summary>Ended by Ctrl-C, as shells count it (128 + SIGINT).</summary>
    Interrupted = 130,
}
