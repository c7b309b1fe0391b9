"""Encrypts what must not be readable in the database file."""

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class VaultError(Exception):
    """No key opens this ciphertext, or it belongs to another account."""


class Vault:
    """Fernet under rotating keys, bound to the account.

    Fernet itself binds nothing: a row copied to another account would open there. So the account
    goes into the encrypted payload and is compared after decrypting.
    """

    def __init__(self, keys: tuple[str, ...]) -> None:
        """Takes Fernet keys, newest first: the first one encrypts, all of them decrypt."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._newest = Fernet(keys[0])

    def __repr__(self) -> str:
        return "Vault(…)"

    def seal(self, account: str, secret: str) -> bytes:
        """The secret as ciphertext that opens for this account only."""
        return self._fernet.encrypt(json.dumps([account, secret]).encode())

    def open(self, account: str, ciphertext: bytes) -> str:
        """The secret; raises VaultError."""
        try:
            owner, secret = json.loads(self._fernet.decrypt(ciphertext))
        except InvalidToken:
            raise VaultError("no key opens it") from None
        if owner != account:
            raise VaultError("it belongs to another account")
        return str(secret)

    def rotate(self, ciphertext: bytes) -> bytes:
        """The same under the newest key; unchanged when it already is. Raises VaultError."""
        try:
            self._newest.decrypt(ciphertext)
            return ciphertext
        except InvalidToken:
            try:
                return self._fernet.rotate(ciphertext)
            except InvalidToken:
                raise VaultError("no key opens it") from None
