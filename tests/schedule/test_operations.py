"""What docs/operations.md tells a site to type is what the program takes."""

import re
import shlex
from pathlib import Path

import click
import pytest

from flows.cli import cli

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"spine-audit ((?:serve|run|sql|doctor) --?[^`\n>]*)", TEXT)))


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_one(line: str) -> None:
    name, *options = shlex.split(line)
    command = cli.commands[name]
    assert isinstance(command, click.Command)
    with command.make_context(name, options) as context:
        assert context.params


def test_the_unit_and_the_cron_line_are_among_them() -> None:
    assert {line.split()[0] for line in COMMANDS} == {"run", "serve"}
    assert any("--cron" in line for line in COMMANDS)


def test_the_unit_ends_serve_before_its_server_and_starts_both_when_the_server_is_lost() -> None:
    unit = re.search(r"```ini\n(.*?)```", TEXT, re.DOTALL)
    assert unit
    lines = unit[1].splitlines()
    assert {"KillMode=mixed", "Restart=on-failure", "UMask=0077"} <= set(lines)
