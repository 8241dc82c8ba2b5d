using System.Text.Json;

namespace MlvcRtc.Codec.Bundles;

/// <summary>A place in a bundle's JSON file: reads typed members and, when one is wrong, says which file, which key, and what was expected.</summary>
internal readonly struct BundleJson(string place, JsonElement element)
{
    /// <summary>File and path of keys, for messages.</summary>
    public string Place { get; } = place;

    /// <exception cref="BundleException">Not a JSON object.</exception>
    public static BundleJson Parse(string place, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            CheckText(document.RootElement);
            return new BundleJson(place, document.RootElement.Clone()).Require(JsonValueKind.Object, "an object");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw new BundleException($"{place}: not valid JSON ({broken.Message}). The bundle is damaged; fetch it again.", broken);
        }
    }

    /// <summary>The object under <paramref name="key"/>.</summary>
    public BundleJson Object(string key) => Member(key).Require(JsonValueKind.Object, "an object");

    /// <summary>As <see cref="Object"/>; null when absent or JSON null.</summary>
    public BundleJson? FindObject(string key) => Find(key)?.Require(JsonValueKind.Object, "an object");

    public string Text(string key) => Member(key).AsText();

    public string? FindText(string key) => Find(key)?.AsText();

    public int Integer(string key) => Member(key).AsInteger();

    public int? FindInteger(string key) => Find(key)?.AsInteger();

    public double Number(string key)
    {
        BundleJson member = Member(key);
        return member.Element.ValueKind == JsonValueKind.Number && member.Element.TryGetDouble(out double value) ? value : throw member.Wrong("a number");
    }

    public bool Truth(string key)
    {
        BundleJson member = Member(key);
        return member.Element.ValueKind is JsonValueKind.True or JsonValueKind.False ? member.Element.GetBoolean() : throw member.Wrong("true or false");
    }

    public int[] Integers(string key) => Member(key).AsIntegers();

    public int[]? FindIntegers(string key) => Find(key)?.AsIntegers();

    /// <summary>The members of this object; a repeated key is an error.</summary>
    public IReadOnlyList<(string Key, BundleJson Value)> Members()
    {
        var members = new List<(string, BundleJson)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in Element.EnumerateObject())
        {
            if (!seen.Add(property.Name))
            {
                throw new BundleException($"{Place}: the key \"{property.Name}\" occurs twice.");
            }

            members.Add((property.Name, new BundleJson($"{Place}.{property.Name}", property.Value)));
        }

        return members;
    }

    public BundleJson Require(JsonValueKind kind, string words) => Element.ValueKind == kind ? this : throw Wrong(words);

    private JsonElement Element { get; } = element;

    /// <summary>The parser finds bytes that are no text only when a string is read: reads all of them, so that nothing later throws.</summary>
    /// <exception cref="InvalidOperationException">A name or string is not valid UTF-8, or holds half a surrogate pair.</exception>
    private static void CheckText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    CheckText(property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    CheckText(item);
                }

                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
    }

    private BundleJson Member(string key) => Find(key) ?? throw new BundleException($"{Place}: the key \"{key}\" is missing.");

    private BundleJson? Find(string key) =>
        Element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? new BundleJson($"{Place}.{key}", value) : null;

    private string AsText() => Element.ValueKind == JsonValueKind.String ? Element.GetString()! : throw Wrong("a string");

    private int AsInteger() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out int value) ? value : throw Wrong("an integer");

    private int[] AsIntegers()
    {
        Require(JsonValueKind.Array, "a list of integers");
        var values = new int[Element.GetArrayLength()];
        int count = 0;
        foreach (JsonElement item in Element.EnumerateArray())
        {
            values[count] = new BundleJson($"{Place}[{count}]", item).AsInteger();
            count++;
        }

        return values;
    }

    private BundleException Wrong(string expected)
    {
        string found = Element.GetRawText();
        return new BundleException($"{Place}: expected {expected}, found {(found.Length <= 40 ? found : found[..40] + "…")}.");
    }
}
