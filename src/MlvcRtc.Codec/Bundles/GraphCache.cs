namespace MlvcRtc.Codec.Bundles;

/// <summary>
/// Unpacks graphs and weights to files, since engines load a graph with its external weights beside it. One folder per archive, named
/// after its SHA-256; a file appears whole or not at all, so any number of processes may do this at once.
/// </summary>
internal static class GraphCache
{
    /// <summary>Hexadecimal digits of the archive's SHA-256 in the folder name, as libmlvc keys its cache.</summary>
    private const int KeyDigits = 16;

    /// <returns>The folder that now holds all of <paramref name="names"/>, equal to the archive's bytes.</returns>
    /// <exception cref="BundleException">The files cannot be written; what was half written is removed.</exception>
    public static string Unpack(BundleArchive archive, string sha256, IEnumerable<string> names, string cacheFolder)
    {
        string folder = Path.Combine(Path.GetFullPath(cacheFolder), sha256[..KeyDigits]);
        try
        {
            foreach (string name in names)
            {
                string path = PathOf(folder, name);
                if (!archive.Equals(name, path))
                {
                    Write(archive, name, path);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"{archive.Path}: cannot unpack to {folder} ({failure.Message}). Free some space there or choose another cache folder.", failure);
        }

        return folder;
    }

    /// <summary>Where an entry lies below <paramref name="folder"/>. Entry names were checked by the archive.</summary>
    public static string PathOf(string folder, string name) => Path.Combine([folder, .. name.Split('/')]);

    private static void Write(BundleArchive archive, string name, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string unfinished = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                archive.CopyTo(name, file);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }
}
