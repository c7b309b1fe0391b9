"""Certificates of an authority of our own, right and wrong."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

YESTERDAY, LAST_WEEK = (datetime.now(UTC) - timedelta(days=days) for days in (1, 7))


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """TLS under this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def self_signed() -> trustme.LeafCert:
    """What nobody vouches for but itself."""
    other = trustme.CA()
    return trustme.LeafCert(other.private_key_pem.bytes(), other.cert_pem.bytes(), [])


class Certificates:
    """One context each; `file` is what it takes to trust the authority."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.file = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.file)
        self.good = serving(authority.issue_cert("127.0.0.1"))
        self.wrong_host = serving(authority.issue_cert("cash.example"))
        self.expired = serving(authority.issue_cert("127.0.0.1", not_before=LAST_WEEK, not_after=YESTERDAY))
        self.self_signed = serving(self_signed())
