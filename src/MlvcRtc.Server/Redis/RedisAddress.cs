namespace MlvcRtc.Server.Redis;

/// <summary>Where Redis is: <c>redis[s]://[[user]:password@]host[:port][/database]</c> (the provisional URI scheme registered with IANA); <c>rediss</c> speaks TLS.</summary>
internal sealed record RedisAddress(string Host, int Port, string? User, string? Password, int Database, bool Tls)
{
    /// <summary>Registered with IANA.</summary>
    private const int DefaultPort = 6379;

    /// <exception cref="FormatException">Not such an address; the message repeats no password.</exception>
    public static RedisAddress Parse(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0)
        {
            throw new FormatException("The Redis address is not understood; it looks like redis://[:password@]host[:port][/database], or rediss:// for TLS.");
        }

        string path = uri.AbsolutePath.Trim('/');
        int database = 0;
        if (path.Length > 0 && !(int.TryParse(path, out database) && database >= 0))
        {
            throw new FormatException($"The database of the Redis address is '{path}' and must be a number from 0.");
        }

        string[] login = uri.UserInfo.Split(':', 2);
        string? user = login[0].Length == 0 ? null : Uri.UnescapeDataString(login[0]);
        string? password = login.Length < 2 ? null : Uri.UnescapeDataString(login[1]);
        if (user is not null && password is null)
        {
            throw new FormatException("The Redis address names a user and no password; write redis://user:password@host, or redis://:password@host.");
        }

        return new RedisAddress(uri.IdnHost, uri.Port > 0 ? uri.Port : DefaultPort, user, password, database, uri.Scheme == "rediss");
    }

    /// <summary>Without user and password, for logs.</summary>
    public override string ToString() => $"{(Tls ? "rediss" : "redis")}://{Host}:{Port}/{Database}";
}
