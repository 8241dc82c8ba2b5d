using System.Collections.Frozen;

namespace MlvcRtc.App.Client;

/// <summary>The page's files, read once: what is not in the table does not exist, whatever a path says.</summary>
internal sealed class PageFiles
{
    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".json"] = "application/json",
        [".webmanifest"] = "application/manifest+json",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".ico"] = "image/x-icon",
        [".woff2"] = "font/woff2",
        [".txt"] = "text/plain; charset=utf-8",
        [".wasm"] = "application/wasm",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private readonly FrozenDictionary<string, (byte[] Bytes, string Type)> _files;

    /// <param name="folder">Of the built page; files of other kinds (source maps) are left out.</param>
    public PageFiles(string folder)
    {
        Dictionary<string, (byte[], string)> files = [];
        foreach (string path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories) : [])
        {
            if (ContentTypes.TryGetValue(Path.GetExtension(path), out string? type))
            {
                files["/" + Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/')] = (File.ReadAllBytes(path), type);
            }
        }

        if (files.TryGetValue("/index.html", out (byte[], string) start))
        {
            files["/"] = start;
        }

        _files = files.ToFrozenDictionary();
    }

    /// <summary>False when there is no page to show.</summary>
    public bool HasPage => _files.ContainsKey("/");

    public bool TryGet(string path, out byte[] bytes, out string type)
    {
        bool found = _files.TryGetValue(path, out (byte[] Bytes, string Type) file);
        (bytes, type) = found ? file : ([], string.Empty);
        return found;
    }
}
