"""An engine that can't be had: said in one line, with exit code 10, before anything is read."""

import socket
from importlib.util import find_spec
from pathlib import Path

import pytest

from flows.cli import main


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["run", *map(str, arguments)]) == 10
    written = capsys.readouterr()
    assert written.out == ""
    assert "Traceback" not in written.err
    return written.err


def test_dask_without_a_scheduler(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "--scheduler tcp://HOST:8786" in said(capsys, "--engine", "dask", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_scheduler_for_the_local_engine(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    err = said(capsys, "--scheduler", "tcp://127.0.0.1:8786", "--out", tmp_path / "out")
    assert "--scheduler belongs to --engine dask" in err


def test_workers_for_a_cluster(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    options = ("--engine", "dask", "--scheduler", "tcp://127.0.0.1:8786", "--workers", 2)
    assert "--workers belongs to --engine local" in said(capsys, *options, "--out", tmp_path / "out")


@pytest.mark.parametrize("name", ["distributed", "prefect_dask"])
def test_dask_that_is_not_installed(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.engines.choose.find_spec", lambda other: None if other == name else find_spec("json"))
    err = said(capsys, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:8786", "--out", tmp_path / "out")
    assert "pip install -e '.[dask]'" in err


@pytest.mark.parametrize("address", ["nowhere.invalid:8786", "no address at all"])
def test_an_address_without_its_scheme(address: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    err = said(capsys, "--engine", "dask", "--scheduler", address, "--out", tmp_path / "out")
    assert "--scheduler tcp://HOST:8786" in err


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "tcp://nowhere.invalid:8786", "gopher://x:1"])
def test_a_scheduler_that_does_not_answer(
    address: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = pytest.importorskip("flows.engines.cluster")
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # bound, and never listening
        address = address.format(port=deaf.getsockname()[1])
        err = said(capsys, "--engine", "dask", "--scheduler", address, "--out", tmp_path / "out")
    assert f"no Dask scheduler answers at {address}" in err
