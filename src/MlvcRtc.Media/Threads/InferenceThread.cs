using System.Runtime.InteropServices;

namespace MlvcRtc.Media.Threads;

/// <summary>
/// Gives a thread that codes pictures more of a busy processor than other programs get, where the system grants it: a picture is of use for some 30 ms only, and a browser
/// that composes its page raises itself likewise. Harmless where the system refuses or knows no such wish.
/// </summary>
public static partial class InferenceThread
{
    /// <summary>As Chromium's threads that compose what is seen (kDisplayCritical).</summary>
    private const int Niceness = -8;

    private const int ThisThread = 0;

    /// <summary>PRIO_PROCESS. Despite its name it means one thread on Linux (setpriority(2), "C library/kernel differences").</summary>
    private const int OfOneThread = 0;

    /// <summary>Makes it so for the calling thread. On Linux for those who may: root, CAP_SYS_NICE, or RLIMIT_NICE as desktops grant it to groups of media programs.</summary>
    public static void Become()
    {
        if (OperatingSystem.IsWindows())
        {
            Thread.CurrentThread.Priority = ThreadPriority.AboveNormal;
        }
        else if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(OfOneThread, ThisThread, Niceness);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int kind, int of, int niceness);
}
