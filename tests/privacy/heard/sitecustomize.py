"""Loaded by every Python process of a test: notes whom it speaks to, and what it knew of telemetry at an import."""

import json
import os
import sys

_WATCHED = ("prefect", "great_expectations")
_VARIABLES = (
    "PREFECT_SERVER_ANALYTICS_ENABLED",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY",
    "DO_NOT_TRACK",
    "GX_ANALYTICS_ENABLED",
)
_seen: set[str] = set()


def _write(**said: object) -> None:
    line = json.dumps(said, default=repr) + "\n"
    with open(os.environ["HEARD"], "a", encoding="utf-8") as file:  # noqa: PTH123
        file.write(line)


def _heard(event: str, args: tuple) -> None:
    if event in ("socket.connect", "socket.sendto"):
        _write(event=event, address=args[1])
    elif event == "socket.getaddrinfo":
        _write(event=event, address=args[0])
    elif event == "import" and args[0] in _WATCHED and args[0] not in _seen:
        _seen.add(args[0])
        _write(event="import", module=args[0], **{name: os.environ.get(name) for name in _VARIABLES})


if "HEARD" in os.environ:
    sys.addaudithook(_heard)
