using System.Globalization;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using Spectre.Console;

namespace MlvcRtc.App.Calls;

/// <summary>Draws the call while it runs: a row for each direction.</summary>
internal static class CallTable
{
    private static readonly string[] Headings =
        ["direction", "frames", "kbit/s", "packets", "lost %", "RTT ms", "recoveries", "freezes", "key frames", "PSNR dB"];

    public static Table Draw(CallPoint? point, CallMedia? media)
    {
        Table table = new Table()
            .Border(TableBorder.Rounded)
            .Title(string.Create(CultureInfo.InvariantCulture, $"call, {point?.Second ?? 0:0} s; Ctrl-C hangs up"));
        foreach (string heading in Headings)
        {
            table.AddColumn(heading, column => column.RightAligned());
        }

        if (point is null || media is null)
        {
            return table;
        }

        SendStatistics sent = media.Sending.Statistics;
        ReceiveStatistics received = media.Receiving.Statistics;
        long expected = received.PacketsReceived + received.PacketsLost;
        table.AddRow("sent", Whole(sent.FramesEncoded), Whole(point.SentKbps), Whole(sent.PacketsSent), Tenths(point.LossPercent), Whole(point.RttMs), "", "", Whole(sent.KeyFrames), "");
        table.AddRow(
            "received",
            Whole(received.FramesDecoded),
            Whole(point.ReceivedKbps),
            Whole(received.PacketsReceived),
            Tenths(expected == 0 ? 0 : 100.0 * received.PacketsLost / expected),
            "",
            Whole(received.Recoveries),
            Whole(received.FreezeCount),
            Whole(received.KeyFramesDecoded),
            Tenths(point.PsnrDb));
        return table;
    }

    /// <summary>A dash for what is not known.</summary>
    private static string Whole(double? number) => number?.ToString("0", CultureInfo.InvariantCulture) ?? "-";

    private static string Tenths(double? number) => number?.ToString("0.0", CultureInfo.InvariantCulture) ?? "-";
}
