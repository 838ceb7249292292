"""Where alerts go, and what happens when they can't: a line without an address, and a night that goes on."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from flows import alerts
from flows.errors import StageError
from flows.settings import load_settings
from schemas.errors import AuditError, ContractError, SettingsError

from .conftest import Night
from .sink import Sink, sink

SECRET = "pass-word-1"


class HeldBackError(AuditError):
    exit_code = 14


def test_a_night_that_stopped_is_told_with_what_to_do(tonight: Night, mail: Sink) -> None:
    alerts.stopped(tonight.settings, ContractError("observations: 12 % of the rows break the contract"), print)
    assert mail.subjects == ["spine-audit: the night stopped"]
    assert "exit code 12" in mail.texts[0]
    assert "observations: 12 % of the rows break the contract" in mail.texts[0]
    assert "the results of the night before stay in place" in mail.texts[0]


def test_a_night_that_was_held_back_is_told_as_that(tonight: Night, mail: Sink) -> None:
    alerts.stopped(tonight.settings, HeldBackError("a check of the gate"), print)
    assert mail.subjects == ["spine-audit: the night was held back by the quality gate"]


def test_a_text_of_several_lines_makes_no_header(tonight: Night, mail: Sink) -> None:
    alerts.stopped(tonight.settings, StageError("one\r\nBcc: x@example.org\r\n\r\ntwo"), print)
    assert "one Bcc: x@example.org two" in mail.texts[0]
    assert mail.messages[0]["Bcc"] is None


def test_a_failure_is_not_told_where_nobody_wants_it(tonight: Night, mail: Sink) -> None:
    alerts.stopped(tonight.with_notify("heartbeat"), StageError("broken"), print)
    assert mail.raw == []


def test_without_addresses_nothing_is_looked_at(tonight: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(alerts.URLS_VARIABLE, raising=False)
    tonight.outcome.warehouse.unlink()
    tonight.tell()
    assert tonight.notes == []


def test_addresses_come_from_a_private_file_and_from_the_environment_each_once(
    tonight: Night, mail: Sink, tmp_path: Path
) -> None:
    with sink() as other:
        file = tmp_path / "urls"
        file.write_text(f"# the quality nurses\n\n{other.address}\n{mail.address}\n")
        file.chmod(0o600)
        site = tmp_path / "site.toml"
        site.write_text('[notify]\nurls_file = "urls"\n')
        settings = load_settings(out=tonight.settings.out, settings_file=site)
        tonight.changed()
        alerts.published(settings, tonight.outcome, tonight.notes.append)
        assert (len(other.raw), len(mail.raw), tonight.notes) == (1, 1, [])


def test_a_settings_file_names_the_file_but_never_holds_an_address(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text(f"mailto://audit:{SECRET}@example.org\n")
    file.chmod(0o600)
    site = tmp_path / "site.toml"
    site.write_text('[notify]\nurls_file = "urls"\n')
    assert SECRET not in repr(load_settings(settings_file=site))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_file_that_others_may_open_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "urls"
    file.write_text(f"mailto://audit:{SECRET}@example.org\n")
    file.chmod(mode)
    site = tmp_path / "site.toml"
    site.write_text('[notify]\nurls_file = "urls"\n')
    with pytest.raises(SettingsError, match="chmod 600") as caught:
        load_settings(settings_file=site)
    assert caught.value.exit_code == 10
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    site = tmp_path / "site.toml"
    site.write_text(f'[notify]\nurls_file = "{name}"\n')
    with pytest.raises(SettingsError, match="no such file"):
        load_settings(settings_file=site)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            f"mailto://audit:{SECRET}@127.0.0.1:9/?from=a@example.org&to=b@example.org&mode=insecure",
            "did not take the message",
        ),
        (f"nothing-known://{SECRET}@example.org", "none that Apprise knows"),
    ],
)
def test_what_cant_be_sent_is_said_without_its_address_and_the_next_one_is_served(
    tonight: Night,
    mail: Sink,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    address: str,
    said: str,
) -> None:
    monkeypatch.setenv(alerts.URLS_VARIABLE, f"{address} {mail.address}")
    tonight.changed()
    with caplog.at_level(logging.DEBUG):
        tonight.tell()
    (note,) = tonight.notes
    assert "address 1 of 2" in note
    assert said in note
    assert len(mail.raw) == 1
    written = capfd.readouterr()
    assert [word for word in (SECRET, "example.org") if word in note + caplog.text + written.out + written.err] == []


def test_a_warehouse_that_tells_nothing_stops_no_night(tonight: Night, mail: Sink) -> None:
    tonight.outcome.warehouse.write_bytes(b"broken")
    tonight.tell()
    (note,) = tonight.notes
    assert "alerts: none could be made (SettingsError)" in note
    assert mail.raw == []


def test_an_address_file_that_went_away_stops_no_night(tonight: Night, tmp_path: Path) -> None:
    settings = replace(tonight.settings, notify_file=tmp_path / "gone")
    alerts.stopped(settings, StageError("broken"), tonight.notes.append)
    assert tonight.notes == ["alerts: none could be made (FileNotFoundError); the night itself is not touched by that"]


def test_news_that_reached_nobody_are_told_when_the_night_is_published_again(
    tonight: Night, mail: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = tonight.keys("open_windows", "measure_id = 'S1'")
    tonight.changed((key, None, "pending", "new event"))
    monkeypatch.setenv(alerts.URLS_VARIABLE, "mailto://127.0.0.1:9/?from=a@example.org&to=b@example.org&mode=insecure")
    tonight.tell("urgent")
    assert len(tonight.notes) == 1
    monkeypatch.setenv(alerts.URLS_VARIABLE, mail.address)
    for _ in range(3):
        tonight.tell("urgent")
    assert mail.subjects == ["spine-audit: 1 urgent, still to be met"]
