"""PHP's own web server, with one of the scripts of tests/cash/peer."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.app import LONGEST_WAIT

PEERS = Path(__file__).parents[1] / "cash/peer"


@contextmanager
def php_server(script: str, **environment: str) -> Iterator[str]:
    """Where it listens, without a slash behind it."""
    php = shutil.which("php")
    assert php, "php-cli and php-soap are needed to run this test"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [php, "-S", f"127.0.0.1:{port}", str(PEERS / script)]
    with subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_it_listens(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None, "PHP did not start"
            assert time.monotonic() < ends, "PHP does not listen"
            time.sleep(0.01)
