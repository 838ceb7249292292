"""How Prefect is set up for a run of our own: quiet, local, private. Set before `prefect` is imported.

Against the server that PREFECT_API_URL names, else against one that Prefect starts for the run, whose records stay in
the out folder. What the environment already says is kept, except where it would make Prefect call elsewhere.
"""

import os
from pathlib import Path

HOME_NAME = ".prefect"

_ALWAYS: dict[str, str] = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # no telemetry
    "DO_NOT_TRACK": "1",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
}
_DEFAULTS: dict[str, str] = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",  # the default, 20, is too short for a slow disk
    "PREFECT_LOGGING_LEVEL": "CRITICAL",  # the command line says what matters; states are recorded all the same
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_CLI_PROMPT": "false",
}


def prepare(out: Path) -> None:
    """Sets the environment of this process and of the server that it starts."""
    os.environ.update(_ALWAYS)
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    if "PREFECT_API_URL" not in os.environ and "PREFECT_HOME" not in os.environ:
        home = out.resolve() / HOME_NAME
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["PREFECT_HOME"] = str(home)
    if "PREFECT_API_URL" not in os.environ:
        os.environ.setdefault("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "true")
