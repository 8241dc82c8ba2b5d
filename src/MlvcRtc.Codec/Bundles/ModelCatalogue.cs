namespace MlvcRtc.Codec.Bundles;

/// <summary>One bundle file found in a folder.</summary>
/// <param name="Path">The archive.</param>
/// <param name="Id">The file name without <c>.tar</c>; a model can be asked for by it.</param>
/// <param name="Name"><c>bundle_name</c>; empty when unreadable.</param>
/// <param name="Version">The version it decodes; meaningless when unreadable.</param>
/// <param name="Sizes">"WxH" of each size.</param>
/// <param name="Problem">Why it cannot be used; null when its manifest is in order (hashes are checked on opening).</param>
public sealed record CatalogueEntry(string Path, string Id, string Name, ModelVersion Version, IReadOnlyList<string> Sizes, string? Problem);

/// <summary>The bundles this machine has. Every call looks at the folders anew.</summary>
public sealed class ModelCatalogue(BundleFolders folders)
{
    /// <summary>Minors of the xs tier, which runs on CPUs: the default is the newest of them (docs/model-bundle.md).</summary>
    private const int FirstDefaultMinor = 200;
    private const int LastDefaultMinor = 219;

    public BundleFolders Folders => folders;

    /// <summary>Every <c>*.tar</c>, folder by folder, each in ordinal order of names; unreadable ones with their problem.</summary>
    public IReadOnlyList<CatalogueEntry> List() =>
        [.. folders.Search.Append(folders.Import)
            .Select(Path.GetFullPath)
            .Distinct(StringComparer.Ordinal)
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.tar").Order(StringComparer.Ordinal))
            .Select(Describe)];

    /// <summary>The first usable bundle that decodes <paramref name="version"/>; null when there is none.</summary>
    public CatalogueEntry? Find(ModelVersion version) => List().FirstOrDefault(entry => entry.Problem is null && entry.Version == version);

    /// <summary>The bundle a person asked for.</summary>
    /// <param name="wanted">A version ("0.200", "v0.200"), an id or a bundle name; null for the default, the newest xs.</param>
    /// <exception cref="BundleException">None fits; the message lists what there is.</exception>
    public CatalogueEntry Choose(string? wanted)
    {
        IReadOnlyList<CatalogueEntry> all = List();
        CatalogueEntry? found = wanted is null
            ? all.Where(entry => entry.Problem is null
                    && entry.Version is { Major: ModelVersion.SupportedMajor, Minor: >= FirstDefaultMinor and <= LastDefaultMinor })
                .MaxBy(entry => entry.Version.Minor)
            : all.FirstOrDefault(entry => entry.Id == wanted || entry.Name == wanted)
                ?? (ModelVersion.TryParse(wanted, out ModelVersion version) ? all.FirstOrDefault(entry => entry.Problem is null && entry.Version == version) : null);
        return found is null ? throw new BundleException(NothingFits(wanted, all))
            : found.Problem is null ? found
            : throw new BundleException(found.Problem);
    }

    /// <summary>Opens what <see cref="Choose"/> finds.</summary>
    /// <exception cref="BundleException">None fits, or it cannot be used.</exception>
    public ModelBundle Open(string? wanted = null) => ModelBundle.Open(Choose(wanted).Path, folders.Cache);

    /// <summary>Verifies a bundle and copies it into the user's folder. On any failure nothing there has changed.</summary>
    /// <exception cref="BundleException">It cannot be used, or another bundle of this file name is there already.</exception>
    public CatalogueEntry Import(string tarPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(tarPath);
        using BundleArchive archive = BundleArchive.Open(tarPath);
        BundleContent content = BundleContent.Verify(archive);
        string target = Path.Combine(folders.Import, $"{Path.GetFileNameWithoutExtension(tarPath)}.tar");
        try
        {
            Directory.CreateDirectory(folders.Import);
            if (!IsSame(target, content.Sha256))
            {
                CopyWhole(tarPath, content.Sha256, target);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"{tarPath}: cannot be copied to {folders.Import} ({failure.Message}).", failure);
        }

        return Describe(target);
    }

    private static bool IsSame(string target, string sha256)
    {
        if (!File.Exists(target))
        {
            return false;
        }

        using FileStream present = File.OpenRead(target);
        string found = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(present));
        return found == sha256
            ? true
            : throw new BundleException($"{target}: another bundle of this name is there (SHA-256 {found}, the new one has {sha256}). Remove it or rename the new file.");
    }

    private static void CopyWhole(string source, string sha256, string target)
    {
        string unfinished = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.Copy(source, unfinished);
            using (FileStream copy = new(unfinished, FileMode.Open, FileAccess.ReadWrite))
            {
                if (Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(copy)) != sha256)
                {
                    throw new IOException("the copy differs from the original");
                }

                copy.Flush(flushToDisk: true);
            }

            File.Move(unfinished, target, overwrite: false);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static CatalogueEntry Describe(string path)
    {
        string id = Path.GetFileNameWithoutExtension(path);
        try
        {
            using BundleArchive archive = BundleArchive.Open(path);
            BundleManifest manifest = BundleManifest.Read(archive);
            return new CatalogueEntry(path, id, manifest.Name, manifest.Version, [.. manifest.Sizes.Select(size => size.Key)], null);
        }
        catch (Exception failure) when (failure is BundleException or IOException)
        {
            return new CatalogueEntry(path, id, string.Empty, default, [], failure.Message);
        }
    }

    private string NothingFits(string? wanted, IReadOnlyList<CatalogueEntry> all)
    {
        string what = wanted is null ? $"a model of the default family (0.{FirstDefaultMinor} to 0.{LastDefaultMinor})" : $"a model called \"{wanted}\"";
        string present = all.Count == 0
            ? $"no bundle was found in {string.Join(", ", folders.Search)}"
            : $"found: {string.Join(", ", all.Select(entry => entry.Problem is null ? $"{entry.Id} ({entry.Version})" : $"{entry.Id} (unusable)"))}";
        return $"There is no {what[2..]}; {present}. Import one with: mlvcrtc models import FILE.tar";
    }
}
