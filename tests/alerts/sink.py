"""A mail server for tests: takes what it is given on a port of its own, and keeps it."""

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any


@dataclass
class Sink:
    """port: where it listens. raw: the messages as they came."""

    port: int
    raw: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        """As Apprise writes it."""
        return (
            f"mailto://127.0.0.1:{self.port}/?from=audit@example.org&to=quality@example.org&format=text&mode=insecure"
        )

    @property
    def messages(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]  # type: ignore[misc]

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.messages]

    @property
    def texts(self) -> list[str]:
        """Subject and body of each, decoded."""
        return [f"{message['Subject']}\n{_text(message)}" for message in self.messages]


def _text(message: EmailMessage) -> str:
    return "\n".join(part.get_content() for part in message.walk() if part.get_content_maintype() == "text")


@contextmanager
def sink() -> Iterator[Sink]:
    """A sink that listens while inside."""

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 sink")
            while line := self.rfile.readline():
                match line.strip().upper().split(b" ")[0]:
                    case b"DATA":
                        self._say("354 go on")
                        kept.raw.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                        self._say("250 kept")
                    case b"QUIT":
                        self._say("221 bye")
                        return
                    case _:
                        self._say("250 yes")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        address: Any = server.server_address
        kept = Sink(address[1])
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield kept
        finally:
            server.shutdown()
