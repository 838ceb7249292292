"""A Prefect server of our own for `serve`: a child that ends with us, for this machine and this user only.

Run as `python -m flows.prefect_server PORT` it is that child: `prefect server start`, and an eye on the pipe from its
parent. The pipe closes when the parent ends, however it ends; then the server ends too.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.lock import only_run
from flows.prefect_settings import HOME_NAME, prepare
from flows.private import make_folder, write_text
from schemas.errors import AuditError

HOST = "127.0.0.1"
LOG_NAME = "server.log"
ACCESS_NAME = "server.env"
START_SECONDS = 300
STOP_SECONDS = 30
_ASK_EVERY_SECONDS = 0.3
_ASK_SECONDS = 5


@dataclass(frozen=True)
class Server:
    """A server that has been started."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def wait(self) -> None:
        """Returns when it answers; AuditError (1) where it ends before, or takes too long."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AuditError(
                    f"Prefect's server ended while it started (code {self.process.returncode}); {self.log} says why"
                )
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=_ASK_SECONDS):
                    return
            except OSError:
                time.sleep(_ASK_EVERY_SECONDS)
        raise AuditError(f"Prefect's server did not answer within {START_SECONDS} s; {self.log} may say why")


@contextmanager
def own_server(out: Path) -> Iterator[Server]:
    """A server that is starting, and runs inside; this process's environment leads Prefect to it.

    Its home, database and log are in `out`/.prefect, private; whoever may read server.env there may ask it. It listens on
    a free port of this machine and wants a secret made for it alone. Enter before Prefect is imported. LockedError (15)
    where another one serves `out`.
    """
    home = make_folder(out.absolute() / HOME_NAME)
    home.chmod(0o700)
    with only_run(home):
        port, secret = _free_port(), f"audit:{secrets.token_urlsafe(24)}"
        url = f"http://{HOST}:{port}/api"
        os.environ["PREFECT_HOME"] = str(home)
        prepare(out)
        os.environ["PREFECT_API_URL"] = url
        os.environ["PREFECT_SERVER_API_AUTH_STRING"] = os.environ["PREFECT_API_AUTH_STRING"] = secret
        log = home / LOG_NAME
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "flows.prefect_server", str(port)],
                stdin=subprocess.PIPE,  # kept open by us alone: its end is the child's sign to end
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C on a terminal is for us; we end it when the runs have ended
            )
        access = home / ACCESS_NAME
        try:
            write_text(access, f"PREFECT_API_URL={url}\nPREFECT_API_AUTH_STRING={secret}\nPREFECT_HOME={home}\n")
            yield Server(url, process, log)
        finally:
            access.unlink(missing_ok=True)
            _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()


# In the child ---------------------------------------------------------------------------------------------------------


def _end_with_parent() -> None:
    """Ends this process once nobody holds the other end of the pipe."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os._exit(1)


def _child(port: str) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from prefect.cli import app

    sys.argv = ["prefect", "server", "start", "--host", HOST, "--port", port]
    app()


if __name__ == "__main__":
    _child(sys.argv[1])
