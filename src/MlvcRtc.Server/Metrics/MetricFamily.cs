using System.Diagnostics.Metrics;
using System.Text;

namespace MlvcRtc.Server.Metrics;

/// <summary>One instrument with all its label values. Not synchronised.</summary>
internal sealed class MetricFamily
{
    /// <summary>Label values come from our own code, so this is never reached; it bounds memory should that ever change.</summary>
    private const int MaxSeries = 1000;

    /// <summary>Upper bounds in seconds, OpenTelemetry's advice for request durations.</summary>
    private static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly string _kind;
    private readonly bool _replaces;
    private readonly string? _help;
    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);

    public MetricFamily(Instrument instrument)
    {
        Type type = instrument.GetType();
        string generic = type.IsGenericType ? type.GetGenericTypeDefinition().Name : type.Name;
        _kind = generic switch
        {
            "Counter`1" or "ObservableCounter`1" => "counter",
            "Histogram`1" => "histogram",
            _ => "gauge",
        };
        _replaces = generic is "ObservableCounter`1" or "ObservableUpDownCounter`1" or "ObservableGauge`1" or "Gauge`1";
        _help = instrument.Description;
        Name = NameOf(instrument.Name, instrument.Unit, _kind);
    }

    public string Name { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = Labels(tags);
        if (!_series.TryGetValue(labels, out Series? series))
        {
            if (_series.Count >= MaxSeries)
            {
                return;
            }

            _series.Add(labels, series = new Series());
        }

        series.Sum = _replaces ? value : series.Sum + value;
        series.Count++;
        if (_kind == "histogram")
        {
            int bucket = Array.FindIndex(Bounds, bound => value <= bound);
            series.Buckets[bucket < 0 ? Bounds.Length : bucket]++;
        }
    }

    public void Write(StringBuilder text)
    {
        if (_series.Count == 0)
        {
            return;
        }

        text.Append("# HELP ").Append(Name).Append(' ').Append((_help ?? "").Replace('\n', ' ')).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_kind).Append('\n');
        foreach ((string labels, Series series) in _series)
        {
            if (_kind == "histogram")
            {
                WriteHistogram(text, labels, series);
            }
            else
            {
                WriteSample(text, "", labels, series.Sum);
            }
        }
    }

    private void WriteHistogram(StringBuilder text, string labels, Series series)
    {
        string prefix = labels.Length == 0 ? "" : labels + ",";
        long below = 0;
        for (int i = 0; i <= Bounds.Length; i++)
        {
            below += series.Buckets[i];
            double bound = i < Bounds.Length ? Bounds[i] : double.PositiveInfinity;
            WriteSample(text, "_bucket", $"{prefix}le=\"{PrometheusText.Number(bound)}\"", below);
        }

        WriteSample(text, "_sum", labels, series.Sum);
        WriteSample(text, "_count", labels, series.Count);
    }

    private void WriteSample(StringBuilder text, string suffix, string labels, double value)
    {
        text.Append(Name).Append(suffix);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(PrometheusText.Number(value)).Append('\n');
    }

    private static string NameOf(string name, string? unit, string kind)
    {
        string suffix = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",  // {things} are not named
        };
        string clean = name.Replace('.', '_').Replace('-', '_') + suffix;
        return kind == "counter" ? clean + "_total" : clean;
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
        {
            return "";
        }

        StringBuilder labels = new();
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            string value = (tag.Value?.ToString() ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            labels.Append(labels.Length == 0 ? "" : ",").Append(tag.Key.Replace('.', '_')).Append("=\"").Append(value).Append('"');
        }

        return labels.ToString();
    }

    private sealed class Series
    {
        public double Sum { get; set; }

        public long Count { get; set; }

        public long[] Buckets { get; } = new long[Bounds.Length + 1];
    }
}
