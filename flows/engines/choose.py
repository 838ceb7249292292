"""Which engine judges the parts, and whether it can."""

from importlib.util import find_spec

from flows.engines.part import Judge
from flows.settings import Engine
from schemas.errors import SettingsError

NOT_INSTALLED = (
    "the engine dask is not installed: `python -m pip install -e '.[dask]'` in its folder, here and on the workers"
)


def judge_of(engine: Engine) -> Judge:
    """The judge for an engine, without Prefect."""
    if engine.name == "dask":
        from flows.engines.cluster import Cluster

        return Cluster(address_of(engine))
    from flows.engines.processes import Processes

    return Processes(engine.workers)


def require(engine: Engine) -> None:
    """SettingsError (exit 10) where the engine can't be had: said before anything is read."""
    if engine.name != "dask":
        if engine.scheduler is not None:
            raise SettingsError("--scheduler belongs to --engine dask; leave it out, or choose that engine")
        return
    address = address_of(engine)
    if engine.workers is not None:
        raise SettingsError("--workers belongs to --engine local; a Dask cluster has the workers that were started")
    if any(find_spec(name) is None for name in ("distributed", "prefect_dask")):
        raise SettingsError(NOT_INSTALLED)
    from flows.engines.cluster import connected

    with connected(address):
        pass


def address_of(engine: Engine) -> str:
    """The address of the scheduler; SettingsError (exit 10) where there is none."""
    if not engine.scheduler or "://" not in engine.scheduler:
        raise SettingsError(
            "--engine dask needs the address of a Dask scheduler, as it prints it: --scheduler tcp://HOST:8786"
        )
    return engine.scheduler
