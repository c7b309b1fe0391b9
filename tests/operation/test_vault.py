"""What is encrypted stays with its account."""

import pytest
from cryptography.fernet import Fernet

from webapp.vault import Vault, VaultError

NEW, OLD = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_secret_comes_back() -> None:
    assert Vault((NEW,)).open("1001", Vault((NEW,)).seal("1001", "geheim ✓")) == "geheim ✓"


def test_ciphertext_copied_to_another_account_does_not_open() -> None:
    with pytest.raises(VaultError):
        Vault((NEW,)).open("1002", Vault((NEW,)).seal("1001", "geheim"))


def test_an_unknown_key_does_not_open_it() -> None:
    with pytest.raises(VaultError):
        Vault((NEW,)).open("1001", Vault((OLD,)).seal("1001", "geheim"))
    with pytest.raises(VaultError):
        Vault((NEW,)).rotate(Vault((OLD,)).seal("1001", "geheim"))


def test_after_rotation_the_old_key_can_go() -> None:
    rotated = Vault((NEW, OLD)).rotate(Vault((OLD,)).seal("1001", "geheim"))
    assert Vault((NEW,)).open("1001", rotated) == "geheim"
    assert Vault((NEW, OLD)).rotate(rotated) == rotated


def test_a_vault_does_not_show_its_keys() -> None:
    assert NEW not in repr(Vault((NEW,)))
