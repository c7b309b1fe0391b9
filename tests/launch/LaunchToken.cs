// A launch token for the Cash settings page; .NET 6 or newer. Sign on the server only.
using System;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

public static class LaunchToken
{
    public static string Sign(string key, string account, string company, string user, string lang, string parent)
    {
        var claims = new
        {
            aud = "cash-settings",
            role = "admin",
            jti = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
            account = account,
            company = company,
            sub = user,
            lang = lang,
            parent = parent,
        };
        var time = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(time, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        var text = Encode(JsonSerializer.SerializeToUtf8Bytes(claims)) + "." + Encode(time);
        var signingKey = Hmac(Encoding.UTF8.GetBytes(key), "cash.launch.v1");
        return text + "." + Encode(Hmac(signingKey, text));
    }

    private static byte[] Hmac(byte[] key, string text)
    {
        return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
    }

    private static string Encode(byte[] bytes)
    {
        return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
