using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using MlvcRtc.Signaling.Serving;

namespace MlvcRtc.Server.Metrics;

/// <summary>
/// The meters of this process in the Prometheus text format 0.0.4, after the naming rules of OpenTelemetry's compatibility page: dots become underscores, the unit is
/// appended, counters end in _total. Small and ours, because the exporter package is not to be had everywhere.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _lock = new();
    private readonly Dictionary<Instrument, MetricFamily> _families = [];
    private readonly MeterListener _listener = new();

    public PrometheusText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name is SignalingMetrics.MeterName or Telemetry.RuntimeMeter)
            {
                lock (_lock)
                {
                    _families[instrument] = new MetricFamily(instrument);
                }

                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All metrics as they are now.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        StringBuilder text = new();
        lock (_lock)
        {
            foreach (MetricFamily family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
            {
                family.Write(text);
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            if (_families.TryGetValue(instrument, out MetricFamily? family))
            {
                family.Record(value, tags);
            }
        }
    }

    /// <summary>As the format asks: no culture, "+Inf" for infinity.</summary>
    internal static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
