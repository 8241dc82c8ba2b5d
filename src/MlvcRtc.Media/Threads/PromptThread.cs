using System.Runtime.InteropServices;

namespace MlvcRtc.Media.Threads;

/// <summary>
/// Lets a thread that mostly sleeps and then has little to do run as soon as it wakes, before inference that keeps every core busy: as high as <see cref="InferenceThread"/>, and sooner. Harmless
/// where the system knows no such wish.
/// </summary>
public static partial class PromptThread
{
    private const uint OrdinaryPolicy = 0;

    /// <summary>The shortest slice that Linux grants.</summary>
    private const ulong ShortestSliceNs = 100_000;

    /// <summary>Makes it so for the calling thread.</summary>
    public static void Become()
    {
        if (OperatingSystem.IsWindows())
        {
            Thread.CurrentThread.Priority = ThreadPriority.AboveNormal;
        }
        else if (OperatingSystem.IsLinux() && Numbers is { } numbers)
        {
            InferenceThread.Become();  // or inference would outweigh it: pictures at 100/s were shown up to 3.9 ms off their rhythm (p99), with it 2.6

            // From Linux 6.12 on sched_runtime is the slice of an ordinary thread, and a waking thread of a shorter one goes first (EEVDF). Priorities of threads do nothing there.
            SchedulingAttributes attributes = default;
            if (Get(numbers.Get, 0, ref attributes, (uint)Marshal.SizeOf<SchedulingAttributes>(), 0) == 0 && attributes.Policy == OrdinaryPolicy)
            {
                attributes.RuntimeNs = ShortestSliceNs;
                _ = Set(numbers.Set, 0, ref attributes, 0);
            }
        }
    }

    /// <summary>Of sched_setattr(2) and sched_getattr(2), which few C libraries wrap; null where we do not know them.</summary>
    private static (nint Set, nint Get)? Numbers => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (314, 315),
        Architecture.Arm64 => (274, 275),
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Set(nint number, int thread, ref SchedulingAttributes attributes, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Get(nint number, int thread, ref SchedulingAttributes attributes, uint size, uint flags);

    /// <summary>struct sched_attr, first version.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SchedulingAttributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong RuntimeNs;
        public ulong DeadlineNs;
        public ulong PeriodNs;
    }
}
