"""The errors that a user can cause, each with the exit code of the command line (specification, section 4)."""


class AuditError(Exception):
    """Anything that stops a run with one plain line: what is wrong, where, and what to do."""

    exit_code = 1


class SettingsError(AuditError):
    """A setting or an option: unknown key, wrong type, file not found, bad date, unknown case, unsupported format."""

    exit_code = 10


class ExtractError(AuditError):
    """The extract can't be read: no folder, a required table or column is missing, a damaged file."""

    exit_code = 11


class ContractError(AuditError):
    """Too many rows of a table break the contract."""

    exit_code = 12


class ContentError(AuditError):
    """Value sets, concept map or parameters hold something invalid."""

    exit_code = 13
