namespace MlvcRtc.Server;

/// <summary>mlvcrtc-server health URL: exit code 0 when the address answers 200 within 2 s. For containers that hold nothing else to ask with.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(string address, TextWriter errors)
    {
        try
        {
            using HttpClient client = new() { Timeout = Timeout };
            using HttpResponseMessage answer = await client.GetAsync(new Uri(address)).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode)
            {
                return 0;
            }

            await errors.WriteLineAsync($"{address} answers {(int)answer.StatusCode}.").ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or UriFormatException or InvalidOperationException)
        {
            await errors.WriteLineAsync($"{address}: {exception.Message}").ConfigureAwait(false);
        }

        return 1;
    }
}
