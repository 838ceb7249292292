"""The password with which the worklist is encrypted: from the environment, or from a private file that it names.

It is read when it is needed and kept nowhere: no setting, parameter, receipt, log or message holds it.
"""

import os
from pathlib import Path

from flows.private import require_private
from schemas.errors import SettingsError

PASSWORD_VARIABLE = "SPINE_AUDIT_WORKLIST_PASSWORD"
FILE_VARIABLE = "SPINE_AUDIT_WORKLIST_PASSWORD_FILE"
_LONGEST = 255
"""Characters that spreadsheet programs take."""


def worklist_password() -> str | None:
    """The password; None where none is set. SettingsError (exit 10) where what is set can't be used."""
    stated, file = os.environ.get(PASSWORD_VARIABLE), os.environ.get(FILE_VARIABLE)
    if stated is not None and file is not None:
        raise SettingsError(f"{PASSWORD_VARIABLE} and {FILE_VARIABLE} are both set; unset one of them")
    if file is not None:
        return _checked(_first_line(file), f"{FILE_VARIABLE}: the first line of {file}")
    return None if stated is None else _checked(stated, PASSWORD_VARIABLE)


def _first_line(file: str) -> str:
    if not file:
        raise SettingsError(f"{FILE_VARIABLE} names no file; name one, or unset it")
    path = require_private(Path(file), FILE_VARIABLE)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{FILE_VARIABLE}: {path} can't be read as UTF-8 ({type(error).__name__})") from None
    return text.split("\n")[0]  # reading has made all ends of lines that; other separators belong to the password


def _checked(password: str, what: str) -> str:
    if not password.strip():
        raise SettingsError(f"{what} is empty: the worklist would be open; write a password, or unset the variable")
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise SettingsError(f"{what} is not UTF-8; set it in a UTF-8 locale, or write it into a file")
    if len(password) > _LONGEST:
        raise SettingsError(f"{what} is longer than {_LONGEST} characters, which spreadsheet programs don't take")
    return password
