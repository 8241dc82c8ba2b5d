using System.Buffers.Text;
using System.Text;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Tokens;

namespace MlvcRtc.UnitTests.Signaling;

public sealed class TokenVerifierTests
{
    private const string Secret = "a secret of more than 32 bytes, for tests";
    private readonly VirtualTime _time = new();

    /// <summary>RFC 7515 appendix A.1, its key and its token.</summary>
    [Fact]
    public void The_example_of_RFC_7515_verifies_and_every_flipped_character_does_not()
    {
        const string token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        byte[] key = Base64Url.DecodeFromChars("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
        Assert.Equal(SignatureStatus.Ok, JsonWebSignature.TryVerify(token, key, out byte[] payload));
        Assert.Contains("\"joe\"", Encoding.UTF8.GetString(payload), StringComparison.Ordinal);
        for (int i = 0; i < token.Length - 1; i++)
        {
            string damaged = token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..];
            Assert.NotEqual(SignatureStatus.Ok, JsonWebSignature.TryVerify(damaged, key, out _));
        }
    }

    [Fact]
    public void A_token_that_we_issued_opens_its_room_until_it_expires_and_60_seconds_longer()
    {
        string token = TokenIssuer.Issue("standup", "ann", TimeSpan.FromMinutes(5), Secret, _time);
        Assert.Null(Verify(token, "standup"));
        Assert.Equal(ErrorCode.TokenRoom, Verify(token, "other"));
        _time.Advance(TimeSpan.FromSeconds(300 + 59));
        Assert.Null(Verify(token, "standup"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ErrorCode.TokenExpired, Verify(token, "standup"));
    }

    [Fact]
    public void A_token_for_any_room_opens_any_room() =>
        Assert.Null(Verify(TokenIssuer.Issue("*", "ann", TimeSpan.FromMinutes(5), Secret, _time), "anything"));

    [Fact]
    public void Not_before_is_obeyed_with_60_seconds_of_grace()
    {
        Assert.Null(Verify(Sign($$"""{"sub":"a","room":"r","exp":{{Now + 500}},"nbf":{{Now + 60}}}""")));
        Assert.Equal(ErrorCode.TokenNotYetValid, Verify(Sign($$"""{"sub":"a","room":"r","exp":{{Now + 500}},"nbf":{{Now + 61}}}""")));
    }

    [Fact]
    public void A_token_of_another_secret_is_refused() =>
        Assert.Equal(ErrorCode.TokenSignature, Verify(TokenIssuer.Issue("r", "a", TimeSpan.FromMinutes(5), Secret + "!", _time)));

    [Fact]
    public void Issuer_and_audience_are_checked_when_configured()
    {
        TokenVerifier strict = new(Secret, "us", "calls", _time);
        Assert.Null(strict.Verify(TokenIssuer.Issue("r", "a", TimeSpan.FromMinutes(5), Secret, _time, "us", "calls"), "r").Code);
        Assert.Equal(ErrorCode.TokenIssuer, strict.Verify(TokenIssuer.Issue("r", "a", TimeSpan.FromMinutes(5), Secret, _time, "them", "calls"), "r").Code);
        Assert.Equal(ErrorCode.TokenAudience, strict.Verify(TokenIssuer.Issue("r", "a", TimeSpan.FromMinutes(5), Secret, _time, "us"), "r").Code);
        Assert.Null(strict.Verify(Sign($$"""{"sub":"a","room":"r","exp":{{Now + 9}},"iss":"us","aud":["mail","calls"]}"""), "r").Code);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS512")]
    [InlineData("RS256")]
    [InlineData("hs256")]
    public void The_algorithm_is_ours_to_choose_not_the_tokens(string algorithm)
    {
        string header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}"}"""));
        string valid = TokenIssuer.Issue("r", "a", TimeSpan.FromMinutes(5), Secret, _time);
        string payload = valid.Split('.')[1];
        Assert.Equal(ErrorCode.TokenMalformed, Verify($"{header}.{payload}."));
        Assert.Equal(ErrorCode.TokenMalformed, Verify($"{header}.{payload}.{valid.Split('.')[2]}"));
    }

    [Theory]
    [InlineData("""{"room":"r","exp":9999999999}""")]
    [InlineData("""{"sub":"a","exp":9999999999}""")]
    [InlineData("""{"sub":"a","room":"r"}""")]
    [InlineData("""{"sub":"a","room":"r","exp":"9999999999"}""")]
    [InlineData("""{"sub":"a","room":"r","exp":1e300}""")]
    [InlineData("""{"sub":"a","room":"r","exp":-1}""")]
    [InlineData("""{"sub":"a","room":"r","room":"r","exp":9999999999}""")]
    [InlineData("""{"sub":7,"room":"r","exp":9999999999}""")]
    [InlineData("""{"sub":"\ud800","room":"r","exp":9999999999}""")]
    [InlineData("""[1]""")]
    [InlineData("""nonsense""")]
    public void Claims_that_are_missing_or_of_a_wrong_kind_make_a_token_malformed(string payload) =>
        Assert.Equal(ErrorCode.TokenMalformed, Verify(Sign(payload)));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("====.====.====")]
    public void What_is_no_token_is_malformed(string token) => Assert.Equal(ErrorCode.TokenMalformed, Verify(token));

    [Fact]
    public void A_giant_token_is_refused_before_it_is_hashed() => Assert.Equal(ErrorCode.TokenMalformed, Verify(new string('a', 5000)));

    [Fact]
    public void Another_role_is_refused() =>
        Assert.Equal(ErrorCode.TokenRole, Verify(Sign($$"""{"sub":"a","room":"r","exp":{{Now + 9}},"role":"observer"}""")));

    [Fact]
    public void A_token_without_jti_cannot_be_told_from_itself_by_spelling_its_signature_otherwise()
    {
        string token = Sign($$"""{"sub":"a","room":"r","exp":{{Now + 9}}}""");
        TokenVerifier verifier = new(Secret, null, null, _time);
        string? id = verifier.Verify(token, "r").TokenId;
        int spellings = 0;
        foreach (char last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        {
            TokenVerdict verdict = verifier.Verify(token[..^1] + last, "r");
            if (verdict.Code is null)
            {
                spellings++;
                Assert.Equal(id, verdict.TokenId);
            }
        }

        Assert.True(spellings >= 1);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    private string? Verify(string token, string room = "r") => new TokenVerifier(Secret, null, null, _time).Verify(token, room).Code;

    private static string Sign(string payload) => JsonWebSignature.Sign(Encoding.UTF8.GetBytes(payload), Encoding.UTF8.GetBytes(Secret));
}
