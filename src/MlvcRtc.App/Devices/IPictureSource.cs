using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Devices;

/// <summary>Pictures in display order, from a file or a device. One reader thread.</summary>
internal interface IPictureSource : IDisposable
{
    /// <summary>Size of every picture.</summary>
    PictureSize Size { get; }

    FrameRate Rate { get; }

    /// <summary>What the user gave, for messages.</summary>
    string Name { get; }

    /// <summary>Something worth telling once, after opening or at the end: a size that was made even, bytes left over. Null when there is nothing.</summary>
    string? Notice { get; }

    /// <summary>Fills <paramref name="picture"/> with the next picture; false at the end.</summary>
    /// <exception cref="UserError">The input cannot be read on.</exception>
    /// <exception cref="OperationCanceledException"/>
    bool Read(VideoFrame picture, CancellationToken cancel);
}

/// <summary>Takes pictures of one size and makes a file. <see cref="Complete"/> puts the file in place; disposing without it removes what was written.</summary>
internal interface IPictureWriter : IDisposable
{
    /// <exception cref="UserError">The output cannot be written.</exception>
    void Write(VideoFrame picture);

    void Complete();
}
