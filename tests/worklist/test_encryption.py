"""Where a password is set, the workbook opens with it and with nothing else, and the password is nowhere."""

import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import msoffcrypto
import pytest
from openpyxl import load_workbook

from flows.cli import main
from flows.lists import write_lists
from flows.run import Outcome
from flows.worklist_password import FILE_VARIABLE, PASSWORD_VARIABLE, worklist_password
from schemas.errors import SettingsError

from .books import SHEETS

PASSWORD = "correct horse Bäckerei staple"


def opened(path: Path, password: str) -> bytes:
    plain = BytesIO()
    with path.open("rb") as file:
        office = msoffcrypto.OfficeFile(file)
        assert office.is_encrypted()
        office.load_key(password=password, verify_password=True)
        office.decrypt(plain, verify_integrity=True)
    return plain.getvalue()


@pytest.fixture
def password_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    def made(content: bytes, mode: int = 0o600) -> Path:
        path = tmp_path / "password"
        path.write_bytes(content)
        path.chmod(mode)
        monkeypatch.setenv(FILE_VARIABLE, str(path))
        return path

    return made


def test_it_opens_with_the_password_only(
    sample: Outcome, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    path = write_lists(sample.warehouse, tmp_path / "night") / "identified" / "worklist.xlsx"
    assert opened(path, PASSWORD) == book.read_bytes()
    assert load_workbook(BytesIO(opened(path, PASSWORD))).sheetnames == SHEETS
    with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
        opened(path, PASSWORD.lower())
    content = path.read_bytes()
    assert not [word for word in (b"MRN-", b"PK\x03\x04", "MRN-".encode("utf-16-le"), b"sheet") if word in content]
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_plain_is_written_and_the_password_is_nowhere(
    tmp_path: Path, password_file: Callable[..., Path]
) -> None:
    """A night in a process of its own, watched: every file that is opened for writing, and all that is said and left."""
    file = password_file(f"{PASSWORD}\nnot this line\n".encode())
    watched = tmp_path / "written"
    program = (
        "import builtins, io, os, sys\n"
        f"log = os.open({str(watched)!r}, os.O_WRONLY | os.O_CREAT)\n"
        "def hear(event, arguments):\n"
        "    if event == 'open' and arguments[2] & (os.O_WRONLY | os.O_RDWR):\n"
        "        os.write(log, (str(arguments[0]) + chr(10)).encode())\n"
        "sys.addaudithook(hear)\n"
        "from flows.cli import main\n"
        f"sys.exit(main(['run', '--direct', '--out', {str(tmp_path / 'out')!r}]))\n"
    )
    (tmp_path / "temporary").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    )
    assert ran.returncode == 0, ran.stderr
    written = watched.read_text().splitlines()
    (only,) = {name for name in written if ".xlsx" in name}
    assert only.endswith("/identified/worklist.xlsx")
    assert not [name for name in written if name.startswith(str(tmp_path / "temporary"))]
    book = next((tmp_path / "out" / "reports").glob("2*/identified/worklist.xlsx"))
    assert opened(book, PASSWORD)
    left = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    for form in (PASSWORD.encode(), PASSWORD.encode("utf-16-le"), b"not this line"):
        assert not [path for path in left if form in path.read_bytes()]
        assert form not in ran.stdout + ran.stderr
    assert not [path for path in left if str(file).encode() in path.read_bytes()]


def test_a_night_without_a_password_is_plain(book: Path) -> None:
    assert worklist_password() is None
    with book.open("rb") as file:
        assert not msoffcrypto.OfficeFile(file).is_encrypted()


def test_the_first_line_of_the_file_is_the_password(password_file: Callable[..., Path]) -> None:
    password_file(f"\ufeff{PASSWORD}\r\nmore\n".encode())
    assert worklist_password() == PASSWORD


@pytest.mark.parametrize("sign", ["\x0c", "\x0b", "\u2028", "\x85", "\x1c"])
def test_only_the_end_of_a_line_ends_the_password(sign: str, password_file: Callable[..., Path]) -> None:
    password_file(f"a{sign}long secret\nmore".encode())
    assert worklist_password() == f"a{sign}long secret"


def test_bytes_that_are_no_text_are_refused_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, b"s\xe9cret".decode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match="is not UTF-8"):
        worklist_password()


@pytest.mark.parametrize(
    ("stated", "content", "mode", "said"),
    [
        ("", None, 0, "is empty"),
        ("  ", None, 0, "is empty"),
        ("secret" * 50, None, 0, "longer than 255"),
        ("secret", b"secret\n", 0o600, "both set"),
        (None, b"", 0o600, "is empty"),
        (None, b"\nsecret\n", 0o600, "is empty"),
        (None, b"secret\xff\n", 0o600, "UTF-8"),
        (None, b"secret\n", 0o640, "open to others"),
        (None, b"secret\n", 0o604, "open to others"),
    ],
)
def test_a_password_that_cannot_be_used_stops_the_run_before_the_work(
    stated: str | None, content: bytes | None, mode: int, said: str, password_file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if stated is not None:
        monkeypatch.setenv(PASSWORD_VARIABLE, stated)
    if content is not None:
        password_file(content, mode)
    assert main(["run", "--direct", "--out", str(tmp_path / "out")]) == 10
    answer = capsys.readouterr()
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1
    assert "secret" not in answer.out + answer.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["", "nowhere", "."])
def test_a_password_file_that_is_none_stops_the_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / name) if name else "")
    assert main(["run", "--direct", "--out", str(tmp_path / "out")]) == 10
    assert FILE_VARIABLE in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_writes_and_encrypts_is_loaded_only_where_it_is_used() -> None:
    program = (
        "import sys, flows.cli, flows.run, flows.settings, flows.lists\n"
        "sys.exit(bool({'xlsxwriter', 'msoffcrypto', 'olefile'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2]).returncode == 0
