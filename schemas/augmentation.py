"""Which region of the spine an augmentation code names, and which codes are add-ons (`data/augmentation_regions.csv`)."""

from importlib.resources import files

import polars as pl

AUGMENTATION_REGIONS: pl.DataFrame = pl.read_csv(
    files("schemas").joinpath("data/augmentation_regions.csv").read_bytes(), schema_overrides={"code": pl.String}
).select("code_system", "match", "region", "is_add_on", code_key="code")
"""code_system, code_key, match (exact, prefix), region (null: an add-on takes it from the first level's code), is_add_on."""
