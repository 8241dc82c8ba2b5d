using System.Diagnostics;
using System.Net;

namespace MlvcRtc.App.Client;

/// <summary>
/// Opens the page in the user's browser. Command lines can be read by every user of the machine, so the token is not on one: the browser is shown a file that only this user can read, and
/// that file leads to the address.
/// </summary>
internal sealed class BrowserWindow : IDisposable
{
    /// <summary>Browsers that have what the page needs (MediaStreamTrackProcessor) and a window without tabs; the user's default is next.</summary>
    private static readonly string[] Preferred = ["chromium", "google-chrome", "microsoft-edge", "chromium-browser"];

    private readonly string _folder = Directory.CreateTempSubdirectory("mlvcrtc-").FullName;  // of this user alone (mode 0700)

    /// <summary>False when no browser could be started: the user opens the printed address.</summary>
    public bool TryOpen(Uri address)
    {
        string file = Write(address);
        string page = new Uri(file).AbsoluteUri;
        if (OperatingSystem.IsLinux())
        {
            return Preferred.Any(browser => TryStart(new ProcessStartInfo(browser) { ArgumentList = { $"--app={page}" } })) || TryStart(new ProcessStartInfo("xdg-open") { ArgumentList = { page } });
        }

        return TryStart(new ProcessStartInfo(file) { UseShellExecute = true });
    }

    /// <summary>The file that leads to the address, for this user alone.</summary>
    internal string Write(Uri address)
    {
        string file = Path.Combine(_folder, "open.html");
        FileStreamOptions ours = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            ours.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        string target = WebUtility.HtmlEncode(address.AbsoluteUri);
        using StreamWriter writer = new(file, ours);
        writer.Write($"<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\"><title>MlvcRtc</title><meta http-equiv=\"refresh\" content=\"0; url={target}\"><a href=\"{target}\">Open the call</a>\n");
        return file;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // a temporary file stays, whose token is void
        }
    }

    private static bool TryStart(ProcessStartInfo browser)
    {
        if (!browser.UseShellExecute)
        {
            browser.RedirectStandardOutput = browser.RedirectStandardError = true;  // what browsers say is not for our terminal
        }

        try
        {
            using Process? started = Process.Start(browser);
            return true;
        }
        catch (Exception missing) when (missing is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return false;
        }
    }
}
