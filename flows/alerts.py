"""Alerts: what is new after a night, that it ended, or that it stopped. Counts and a pointer, never an identity.

They go to addresses that Apprise knows (e-mail, Teams, Slack and others), from the file that `[notify] urls_file` names
and from SPINE_AUDIT_NOTIFY_URLS. An address may hold a password: none is logged, stored or shown. What can't be sent is
said in one line, and never stops a night.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from flows.errors import is_failure
from flows.private import write_text
from flows.published import open_published
from flows.settings import Settings
from reports import alerts as words
from schemas.errors import AuditError
from sql import read

if TYPE_CHECKING:
    from flows.run import Outcome

Note = Callable[[str], None]

URLS_VARIABLE = "SPINE_AUDIT_NOTIFY_URLS"
HELD_BACK = 14
"""The exit code of a night that was not published."""
TOLD_NAME = "alerts-told"
"""A file beside the receipt of a run whose news have reached somebody."""
SEND_SECONDS = 60
"""How long an address may take before the night goes on without it."""
_NEWS = ("urgent", "critical", "withdrawn")


def published(settings: Settings, outcome: "Outcome", note: Note) -> None:
    """After the commit: what is new since the night before, and the heartbeat. The first night of all has no news.

    A night that is published again, as it is while no new extract comes, has the same news: they are told once. Where
    another night of the same day came between, it is compared with that one, and has news of its own.
    """
    notify = settings.parameters.notify
    wanted = [name for name in _NEWS if notify[f"on_{name}"]]
    if not (wanted or notify.on_heartbeat):
        return
    with _never_fails(note):
        if addresses := addresses_of(settings):
            night = _night(outcome)
            told, compared = outcome.receipt.with_name(TOLD_NAME), f"{night.previous_run_id}\n"
            is_told = told.exists() and told.read_text(encoding="utf-8") == compared
            taken = _send(_messages(settings, outcome, night, [] if is_told else wanted), addresses, note)
            if "news" in taken:
                write_text(told, compared)


def stopped(settings: Settings, error: AuditError, note: Note) -> None:
    """A night that stopped, or that the gate held back (exit code 14)."""
    if not settings.parameters.notify.on_failure:
        return
    with _never_fails(note):
        if addresses := addresses_of(settings):
            message = words.stopped(
                str(error),
                error.exit_code,
                is_held_back=error.exit_code == HELD_BACK,
                place=f"spine-audit doctor --out {quote(str(settings.out.absolute()))}",
            )
            _send([message], addresses, note)


class _Night(NamedTuple):
    """The row of sql/warehouse/alerts/night.sql. data_through: None where no feed says."""

    run_id: str
    as_of: date
    previous_run_id: str | None
    lost_feeds: str | None
    data_through: date | None
    windows: int


def _night(outcome: "Outcome") -> _Night:
    with open_published(outcome.warehouse) as con:
        (row,) = con.execute(read("warehouse/alerts/night")).fetchall()
    return _Night(*row)


def _messages(settings: Settings, outcome: "Outcome", night: _Night, wanted: list[str]) -> list[words.Message]:
    out = quote(str(settings.out.absolute()))
    told: dict[str, list[words.Count]] = {}
    if night.previous_run_id is not None:
        with open_published(outcome.warehouse) as con:
            told = {name: con.execute(read(f"warehouse/alerts/{name}")).fetchall() for name in wanted}
    places = {
        "urgent": f"spine-audit sql open_windows --out {out}",
        "critical": f"spine-audit sql urgent_deviations --out {out}",
        "withdrawn": f"spine-audit sql \"FROM stored.changes WHERE cause = 'corrected row'\" --out {out}",
    }
    lost = night.lost_feeds.split("|") if night.lost_feeds else []
    news = words.news(night.as_of, told, places, lost)
    messages = [news] if news else []
    if settings.parameters.notify.on_heartbeat:
        messages.append(
            words.heartbeat(
                night.as_of,
                night.data_through,
                night.windows,
                datetime.now(ZoneInfo(settings.timezone)).isoformat(timespec="minutes"),
                lost_feeds=lost,
                is_first=night.previous_run_id is None,
                place=str(outcome.reports.absolute()),
            )
        )
    return messages


def addresses_of(settings: Settings) -> list[str]:
    """The addresses of the file and of the environment, each once."""
    lines = settings.notify_file.read_text(encoding="utf-8-sig").splitlines() if settings.notify_file else []
    stated = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return list(dict.fromkeys([*stated, *os.environ.get(URLS_VARIABLE, "").split()]))


def _send(messages: list[words.Message], addresses: list[str], note: Note) -> set[str]:
    """Sends every message to every address; one that can't be reached is named by its number. The kinds that any took."""
    taken: set[str] = set()
    if not messages:
        return taken
    import apprise

    kinds = {
        "news": apprise.NotifyType.WARNING,
        "heartbeat": apprise.NotifyType.SUCCESS,
        "stopped": apprise.NotifyType.FAILURE,
    }
    # Nothing is kept on the disk, no key is made, and no address ever reaches a log.
    asset = apprise.AppriseAsset(
        app_id="spine-audit", app_desc="spine-audit", app_url="", storage_mode=apprise.PersistentStoreMode.MEMORY,
        pem_autogen=False, pgp_autogen=False, async_mode=False,
    )  # fmt: skip
    with _silent():
        for number, address in enumerate(addresses, start=1):
            service = apprise.Apprise(asset=asset)
            if not service.add(address):
                note(f"alerts: address {number} of {len(addresses)} is none that Apprise knows; correct it")
                continue
            for message in messages:
                if service.notify(
                    body=message.body,
                    title=message.subject,
                    notify_type=kinds[message.kind],
                    body_format=apprise.NotifyFormat.TEXT,
                    timeout=SEND_SECONDS,
                ):
                    taken.add(message.kind)
                else:
                    note(
                        f"alerts: address {number} of {len(addresses)} did not take the message"
                        f" ({message.kind}); the night itself is not touched by that"
                    )
    return taken


@contextmanager
def _never_fails(note: Note) -> Iterator[None]:
    """An alert that goes wrong is a line, of which only the class of the error is shown: its text may hold an address."""
    try:
        yield
    except BaseException as error:
        if not is_failure(error):
            raise
        note(f"alerts: none could be made ({type(error).__name__}); the night itself is not touched by that")


@contextmanager
def _silent() -> Iterator[None]:
    """The logs of what sends, which may quote an address, go nowhere meanwhile."""
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3.connectionpool")]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was
