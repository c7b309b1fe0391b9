"""What previews have read of Cash: one file an account, for an hour, beside the database."""

import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

VALID_SECONDS = 60 * 60  # for so long a start goes by what a preview has shown


class KeptStore:
    """The files. Each is named by its account and by the preview that read it, and says itself what it is good for."""

    def __init__(self, database: str) -> None:
        self._folder = Path(database).with_name("previews")

    def put(self, account: str, preview: str, file: Path) -> None:
        """Moves the file here, in place of what was kept of the account."""
        self.forget(account)
        self._folder.mkdir(parents=True, exist_ok=True)
        file.replace(self._named(account, preview))

    def find(self, account: str, preview: str) -> Path | None:
        """What this preview has read; None where it is not kept any more."""
        file = self._named(account, preview)
        return file if file.exists() else None

    def set_aside(self, account: str, folder: Path) -> None:
        """Moves what is kept of the account into a run's directory: it is gone with it unless it is put back."""
        for file in self._of(account):
            file.replace(folder / file.name)

    def put_back(self, account: str, folder: Path) -> None:
        """Undoes `set_aside`."""
        for file in folder.glob(f"{_hashed(account)}-*"):
            file.replace(self._folder / file.name)

    def forget(self, account: str) -> None:
        """Removes what is kept of the account."""
        for file in self._of(account):
            file.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Removes what is too old to be of use."""
        for file in self._folder.glob("*"):
            with suppress(FileNotFoundError):  # another worker was faster
                if file.stat().st_mtime < time.time() - VALID_SECONDS:
                    file.unlink()

    def _of(self, account: str) -> list[Path]:
        return list(self._folder.glob(f"{_hashed(account)}-*"))

    def _named(self, account: str, preview: str) -> Path:
        return self._folder / f"{_hashed(account)}-{preview}"


def _hashed(account: str) -> str:
    """An account may be called anything; a file may not."""
    return blake2b(account.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
