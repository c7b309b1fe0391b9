"""A host can sign its launches in other languages than Python: the files beside this one.

PHP and Node.js run here. C# is read: its text must follow, step by step, what the README says of a token.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.app import HOST

from webapp.web import tokens

HERE = Path(__file__).parent
KEY = 'a-launch-key-ünd-"more"'
CLAIMS = {
    "account": "1001",
    "company": 'Jansen & "Zn." – Ünïcødé €/\\ 🛠',
    "sub": "beheer",
    "lang": "nl",
    "parent": HOST,
}
ARGUMENTS = json.dumps([KEY, *CLAIMS.values()])
COMMANDS = {
    "php": ["php", "-r", f"require '{HERE}/launch_token.php'; echo launch_token(...json_decode($argv[1]));", ARGUMENTS],
    "node": [
        "node",
        "-e",
        f"console.log(require('{HERE}/launch_token.js').launchToken(...JSON.parse(process.argv[1])))",
        ARGUMENTS,
    ],
}
CSHARP = (HERE / "LaunchToken.cs").read_text()


def sign(language: str) -> str:
    assert shutil.which(language), f"{language} is missing: `make debian` installs it"
    done = subprocess.run(COMMANDS[language], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("language", COMMANDS)
def test_a_launch_signed_in_another_language_is_accepted(language: str) -> None:
    claims = tokens.read_launch([KEY], sign(language))
    assert {name: claims[name] for name in CLAIMS} == CLAIMS
    assert claims["role"] == "admin"
    assert set(claims) == set(tokens.LAUNCH_CLAIMS)


@pytest.mark.parametrize("language", COMMANDS)
def test_each_launch_has_an_id_of_its_own(language: str) -> None:
    first, second = (tokens.read_launch([KEY], sign(language))["jti"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("language", COMMANDS)
def test_a_launch_signed_with_another_key_is_refused(language: str) -> None:
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_launch([KEY + "!"], sign(language))


def test_the_claims_in_csharp_are_those_of_a_launch() -> None:
    (claims,) = re.findall(r"new\s*\{(.*?)\};", CSHARP, re.DOTALL)
    values = dict(re.findall(r"^\s*(\w+) = (.+),$", claims, re.MULTILINE))
    assert set(values) == set(tokens.LAUNCH_CLAIMS)
    assert values["aud"] == f'"{tokens.AUDIENCE}"'
    assert values["role"] == '"admin"'
    assert values["jti"] == "Convert.ToHexString(RandomNumberGenerator.GetBytes(16))"  # 32 characters
    taken = {name: value for name, value in values.items() if name not in ("aud", "role", "jti")}
    assert taken == {**{name: name for name in CLAIMS}, "sub": "user"}


@pytest.mark.parametrize(
    "step",
    [
        "WriteUInt32BigEndian(time, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds());",
        'text = Encode(JsonSerializer.SerializeToUtf8Bytes(claims)) + "." + Encode(time);',
        'signingKey = Hmac(Encoding.UTF8.GetBytes(key), "cash.launch.v1");',
        'return text + "." + Encode(Hmac(signingKey, text));',
        "return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));",
        "return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');",
    ],
)
def test_csharp_signs_as_documented(step: str) -> None:
    assert CSHARP.count(step) == 1
