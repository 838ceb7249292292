"""What docs/operations.md tells a site to type is what the program takes."""

import re
import shlex
from pathlib import Path

import click
import pytest

import flows.errors
import flows.merge
import schemas.errors
from flows.cli import cli
from flows.quality.checks import KINDS
from flows.run import night
from flows.settings import load_settings, sample_folder
from schemas.errors import AuditError

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "operations.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"spine-audit ((?:serve|run|sql|doctor|check|diff) +--?[^`\n>#]*)", TEXT)))
CODES = [int(code) for code in re.findall(r"^\| (\d+) \|", TEXT.partition("## Exit codes")[2], re.MULTILINE)]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_one(line: str) -> None:
    name, *options = shlex.split(line)
    command = cli.commands[name]
    assert isinstance(command, click.Command)
    with command.make_context(name, options) as context:
        assert context.params


def test_the_unit_and_the_cron_line_are_among_them() -> None:
    assert {line.split()[0] for line in COMMANDS} >= {"run", "serve", "doctor", "check", "diff"}
    assert any("--cron" in line for line in COMMANDS)


def test_the_unit_ends_serve_before_its_server_and_starts_both_when_the_server_is_lost() -> None:
    unit = re.search(r"```ini\n(.*?)```", TEXT, re.DOTALL)
    assert unit
    lines = unit[1].splitlines()
    assert {"KillMode=mixed", "Restart=on-failure", "UMask=0077"} <= set(lines)


def test_every_exit_code_is_explained_once() -> None:
    modules = (flows.errors, flows.merge, schemas.errors)
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    raised = {kind.exit_code for kind in kinds if issubclass(kind, AuditError)}
    assert sorted({0, 2, 130} | raised) == CODES


def test_every_reason_of_the_gate_is_explained() -> None:
    table = TEXT.partition("## The quality gate")[2].partition("## Exit codes")[0]
    assert {kind for kind in KINDS if f"`{kind}`" in table} == set(KINDS)


def test_all_that_a_run_leaves_is_in_the_table_of_the_out_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    night(load_settings(extract=sample_folder(), out=out))
    left = {path.name for path in out.iterdir()}
    table = TEXT.partition("## The out folder")[2].partition("`RUN` is")[0]
    assert {name for name in left if f"| `{name}" not in table} == set()


def test_every_link_within_leads_to_a_heading_or_a_file() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-") for line in re.findall(r"^##+ (.*)$", TEXT, re.M)
    }
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        if target.startswith("#"):
            assert target[1:] in headings
        elif not target.startswith("http"):
            assert (DOCS / target).exists()
