"""A small extract in a folder of its own, and the command line as a function."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.cli import main

TABLES = {
    "patients.csv": """patient_id,display_id,birth_date,sex
p1,=MRN-1,1940-01-01,female
p2,MRN-2,1950-01-01,male
""",
    "conditions.csv": """condition_id,patient_id,code_system,code,recorded_at
c1,p1,ICD10CM,S32.020A,2024-03-01 10:00
c2,p2,ICD10CM,S32.010A,2024-03-02
c3,p1,ICD10CM,G83.4,2024-03-01 12:00
""",
    "referrals.csv": """referral_id,patient_id,specialty_system,specialty,ordered_at,priority,status
r1,p1,LOCAL,neurology,2024-03-01 14:00,urgent,active
""",
    "encounters.csv": "encounter_id,patient_id,class,status,started_at\n",
    "procedures.csv": "procedure_id,patient_id,code_system,code,performed_at,status\n",
    "manifest.json": '{"source": "test", "extracted_at": "2024-12-31T02:00:00Z"}\n',
}


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Cli = Callable[..., Answer]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs the command line; its exit code and what it wrote."""

    def call(*arguments: object) -> Answer:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return Answer(code, written.out, written.err)

    return call


def write(folder: Path, **tables: str | None) -> Path:
    """The small extract with some of its files (`patients`, `manifest`) put otherwise, None = left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in TABLES.items():
        own = tables.get(name.partition(".")[0], text)
        if own is not None:
            (folder / name).write_text(own, encoding="utf-8")
    return folder


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write(tmp_path / "extract")


@pytest.fixture
def settings(tmp_path: Path) -> Callable[[str], Path]:
    """A settings file with that content."""

    def make(text: str) -> Path:
        path = tmp_path / "site.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return make
