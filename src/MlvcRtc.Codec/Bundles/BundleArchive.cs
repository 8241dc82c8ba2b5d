using System.Buffers;
using System.Security.Cryptography;

namespace MlvcRtc.Codec.Bundles;

/// <summary>
/// An open bundle file: a directory of its entries, whose bytes are read where they lie. Names are checked before anything else,
/// so that no entry can be written outside the folder it is unpacked to.
/// </summary>
internal sealed class BundleArchive : IDisposable
{
    /// <summary>A manifest, metadata, table or parity file; the largest known, a parity file, has 6 MB.</summary>
    private const int MaxJsonBytes = 64 << 20;

    /// <summary>The full model has 18.3 million parameters, 73 MB in fp32; this stops mistakes.</summary>
    private const long MaxArchiveBytes = 4L << 30;

    private const int MaxEntries = 4096;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+");

    private readonly FileStream _file;
    private readonly Dictionary<string, (long Offset, long Length)> _entries = new(StringComparer.OrdinalIgnoreCase);

    private BundleArchive(FileStream file) => _file = file;

    /// <summary>The file's name, for messages.</summary>
    public string Path => _file.Name;

    /// <exception cref="BundleException">The file is missing, unreadable, truncated, or no archive of the expected kind.</exception>
    public static BundleArchive Open(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"{path}: cannot be opened ({failure.Message}).", failure);
        }

        var archive = new BundleArchive(file);
        try
        {
            archive.ReadDirectory();
            return archive;
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>The whole of a small entry.</summary>
    /// <exception cref="BundleException">No such entry, or larger than any JSON file of a bundle.</exception>
    public byte[] ReadAll(string name)
    {
        (long offset, long length) = Entry(name);
        if (length > MaxJsonBytes)
        {
            throw new BundleException($"{Path}: {name} has {length} bytes; at most {MaxJsonBytes} are expected. This is no MLVC bundle.");
        }

        var bytes = new byte[length];
        ReadAt(offset, bytes);
        return bytes;
    }

    /// <summary>Adds an entry's bytes to <paramref name="hash"/>.</summary>
    public void Hash(string name, IncrementalHash hash) => ForEachPiece(name, hash.AppendData);

    /// <summary>SHA-256 of the archive file, lower-case hexadecimal.</summary>
    public string Sha256()
    {
        _file.Position = 0;
        return Convert.ToHexStringLower(SHA256.HashData(_file));
    }

    /// <summary>Writes an entry's bytes to <paramref name="destination"/>.</summary>
    public void CopyTo(string name, Stream destination) => ForEachPiece(name, destination.Write);

    /// <summary>True when the file exists and holds exactly the entry's bytes.</summary>
    public bool Equals(string name, string filePath)
    {
        if (!File.Exists(filePath))
        {
            return false;
        }

        using var file = new FileStream(filePath, FileMode.Open, FileAccess.Read, FileShare.Read);
        bool equal = file.Length == Entry(name).Length;
        byte[] buffer = new byte[64 * 1024];
        ForEachPiece(name, piece =>
        {
            Span<byte> mine = buffer.AsSpan(0, piece.Length);
            equal = equal && file.ReadAtLeast(mine, mine.Length, throwOnEndOfStream: false) == mine.Length && mine.SequenceEqual(piece);
        });
        return equal;
    }

    public void Dispose() => _file.Dispose();

    private delegate void PieceAction(ReadOnlySpan<byte> piece);

    private void ForEachPiece(string name, PieceAction action)
    {
        (long offset, long length) = Entry(name);
        byte[] buffer = new byte[64 * 1024];
        for (long done = 0; done < length; done += buffer.Length)
        {
            Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - done));
            ReadAt(offset + done, piece);
            action(piece);
        }
    }

    private (long Offset, long Length) Entry(string name) =>
        _entries.TryGetValue(name, out (long Offset, long Length) entry)
            ? entry
            : throw new BundleException($"{Path}: {name} is missing, though the bundle refers to it. The bundle is incomplete; fetch it again.");

    private void ReadDirectory()
    {
        if (_file.Length is 0 or > MaxArchiveBytes)
        {
            throw new BundleException($"{Path}: {_file.Length} bytes; a bundle has 1 to {MaxArchiveBytes}.");
        }

        Span<byte> block = stackalloc byte[UstarHeader.BlockBytes];
        int zeroBlocks = 0;
        for (long position = 0; zeroBlocks < 2; position += UstarHeader.BlockBytes)
        {
            if (position + UstarHeader.BlockBytes > _file.Length)
            {
                throw Truncated(position + UstarHeader.BlockBytes);
            }

            ReadAt(position, block);
            if (!block.ContainsAnyExcept((byte)0))
            {
                zeroBlocks++;
                continue;
            }

            zeroBlocks = 0;
            UstarHeader header = UstarHeader.Parse(block)
                ?? throw new BundleException($"{Path}: no tar header at byte {position}. The file is damaged or is no MLVC bundle.");
            long end = position + UstarHeader.BlockBytes + header.Size;
            if (end > _file.Length)
            {
                throw Truncated(end);
            }

            AddEntry(header, position + UstarHeader.BlockBytes);
            position += (header.Size + UstarHeader.BlockBytes - 1) / UstarHeader.BlockBytes * UstarHeader.BlockBytes;
        }
    }

    /// <summary>Files are kept; folders, links and attribute records are passed over, as libmlvc does.</summary>
    private void AddEntry(UstarHeader header, long offset)
    {
        switch (header.Type)
        {
            case '0' or '\0':
                break;
            case '1' or '2' or '5' or 'x' or 'g':
                return;
            default:
                throw new BundleException($"{Path}: {header.Name} is of the unsupported tar type '{header.Type}'. Bundles are plain ustar archives of files.");
        }

        string name = header.Name.StartsWith("./", StringComparison.Ordinal) ? header.Name[2..] : header.Name;
        if (!IsSafe(name))
        {
            throw new BundleException($"{Path}: the entry name \"{header.Name}\" is not allowed. Names are relative, of letters, digits and . _ - +, without \"..\".");
        }

        if (_entries.Count >= MaxEntries || !_entries.TryAdd(name, (offset, header.Size)))
        {
            throw new BundleException($"{Path}: {name} occurs twice, or the archive has more than {MaxEntries} files.");
        }
    }

    /// <summary>Whether the name stays inside any folder it is joined to, on every system.</summary>
    private static bool IsSafe(string name) =>
        name.Split('/').All(part => part.Length > 0 && part.Trim('.').Length > 0 && part[^1] != '.' && !part.AsSpan().ContainsAnyExcept(NameCharacters));

    private void ReadAt(long offset, Span<byte> bytes)
    {
        _file.Position = offset;
        _file.ReadExactly(bytes);
    }

    private BundleException Truncated(long expected) =>
        new($"{Path}: the file ends at byte {_file.Length}, at least {expected} are expected. It is truncated; fetch it again.");
}
