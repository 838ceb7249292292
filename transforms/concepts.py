"""From codes to concepts: which value sets a code belongs to, and what a fracture or imaging code says by itself.

Value sets become the bits of one UInt64 mask, so that "is this an analgesic" is one integer comparison.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from schemas.value_sets import ValueSets

SURGICAL_SETS = ("orthopaedic_surgery", "neurosurgery", "spine_surgery")

# A referral for one of these is about the fracture (section 2, "Who was asked").
RELATED_REASON_SETS = (
    "vertebral_fracture",
    "osteoporosis",
    "back_pain",
    "neuro_deficit",
    "neuro_deficit_soft",
    "spinal_instability",
    "kyphosis",
    "malignancy_suspicion",
    "malignancy_history",
    "malignancy_sign",
    "spine_malignancy",
    "spine_infection",
)

REGION_BITS = {"cervical": 1, "thoracic": 2, "lumbar": 4, "sacrum": 8, "pelvis": 16, "other": 32}
_REGION_OF_LETTER = {region[0].upper(): REGION_BITS[region] for region in ("cervical", "thoracic", "lumbar", "sacrum")}
KEY = ("code_system", "code_key")


def region_mask(regions: pl.Expr) -> pl.Expr:
    """`lumbar|sacrum` -> 12 (UInt8); null stays null: the row doesn't say."""
    bits = [
        pl.when(regions.str.contains(name, literal=True)).then(bit).otherwise(0) for name, bit in REGION_BITS.items()
    ]
    return pl.when(regions.is_null()).then(None).otherwise(pl.sum_horizontal(bits)).cast(pl.UInt8)


def region_of_level(level: pl.Expr) -> pl.Expr:
    """C -> cervical, T -> thoracic, L -> lumbar, S -> sacrum, as a mask; 0 for an unspecified level."""
    return level.str.slice(0, 1).replace_strict(_REGION_OF_LETTER, default=0, return_dtype=pl.UInt8).fill_null(0)


@dataclass(frozen=True)
class Concepts:
    """What the value sets say of codes.

    bits: set name -> mask bit. The frames are small: one row a known code pattern.
    """

    bits: dict[str, int]
    codes: pl.DataFrame
    fractures: pl.DataFrame
    imaging: pl.DataFrame

    @staticmethod
    def of(value_sets: ValueSets) -> "Concepts":
        bits = {name: 1 << i for i, name in enumerate(value_sets.names)}
        codes = value_sets.codes.select("code_system", "code_key", "match", "value_set").with_columns(
            bit=pl.col("value_set").replace_strict(bits, return_dtype=pl.UInt64)
        )
        return Concepts(bits, codes.with_row_index("set_row"), value_sets.fractures, value_sets.imaging)

    def is_in(self, *names: str, column: str = "sets") -> pl.Expr:
        """Whether a mask column has any of the named sets (null: no code, so in none)."""
        mask = 0
        for name in names:
            mask |= self.bits[name]
        return (pl.col(column).fill_null(0) & pl.lit(mask, pl.UInt64)) != 0

    def names_of(self, masks: pl.Series) -> pl.DataFrame:
        """sets -> value_sets: the names of each distinct mask, `|`-separated in alphabetical order; null for none."""
        parts = [
            pl.when((pl.col("sets") & pl.lit(bit, pl.UInt64)) != 0).then(pl.lit(name))
            for name, bit in sorted(self.bits.items())
        ]
        joined = pl.concat_list(parts).list.drop_nulls().list.join("|")
        return masks.unique().to_frame("sets").with_columns(value_sets=pl.when(joined != "").then(joined))


def matches(codes: pl.DataFrame, patterns: pl.DataFrame) -> pl.DataFrame:
    """Every pair of a code and a pattern that takes it in.

    codes: distinct (code_system, code_key); patterns: the same columns, `match` (exact, prefix) and what they say.
    A prefix is compared by cutting the code to the prefix's length: one hash join a length, no scan of all pairs.
    """
    exact = codes.join(patterns.filter(pl.col("match") == "exact").drop("match"), on=KEY)
    found = [exact]
    prefixes = patterns.filter(pl.col("match") == "prefix").with_columns(n=pl.col("code_key").str.len_chars())
    for n in prefixes["n"].unique().sort():
        of_length = prefixes.filter(pl.col("n") == n).drop("match", "n")
        found.append(
            codes.with_columns(_cut=pl.col("code_key").str.slice(0, n))
            .join(of_length, left_on=["code_system", "_cut"], right_on=list(KEY))
            .drop("_cut")
            .select(exact.columns)
        )
    return pl.concat(found)


def set_masks(codes: pl.DataFrame, concepts: Concepts) -> pl.DataFrame:
    """(code_system, code_key) -> sets: UInt64 mask. Codes in no set have no row."""
    pairs = matches(codes, concepts.codes.drop("set_row")).unique([*KEY, "value_set"])
    return pairs.group_by(KEY).agg(sets=pl.col("bit").sum())


def fracture_facts(codes: pl.DataFrame, fractures: pl.DataFrame) -> pl.DataFrame:
    """(code_system, code_key) -> own_level, code_aetiology, stage (initial, subsequent, none: unknown character).

    The longest pattern speaks. An initial code has the 7th character that its row lists, or none where it lists none.
    """
    patterns = fractures.select(*KEY, "match", "level", "aetiology", "seventh").with_columns(
        size=pl.col("code_key").str.len_chars()
    )
    seventh = pl.col("code_key").str.slice(6, 1)
    return (
        matches(codes, patterns)
        .sort(*KEY, "size", descending=[False, False, True])
        .unique(KEY, keep="first", maintain_order=True)
        .with_columns(
            stage=pl.when(pl.col("seventh").is_null() | (pl.col("seventh") == ""))
            .then(pl.lit("initial"))
            .when(seventh == "")
            .then(pl.lit("none"))
            .when(pl.col("seventh").str.split("|").list.contains(seventh))
            .then(pl.lit("initial"))
            .when(seventh.is_in(["D", "G", "K", "P", "S"]))
            .then(pl.lit("subsequent"))
            .otherwise(pl.lit("none"))
        )
        .select(*KEY, own_level="level", code_aetiology="aetiology", stage="stage")
    )


def code_facts(frames: Iterable[pl.DataFrame], concepts: Concepts) -> pl.DataFrame:
    """What every code of some frames says by itself, one row a code: code_system, code_key, sets (0: in none), own_level,
    code_aetiology, stage, code_modality, code_regions, code_contrast.

    Of referrals both the specialty and the reason (reason_system, reason_key) are codes.
    """
    parts = []
    for frame in frames:
        parts.append(frame.select(KEY))
        if "reason_key" in frame.columns:
            parts.append(frame.select(code_system="reason_system", code_key="reason_key"))
    codes = pl.concat([part.unique() for part in parts]).drop_nulls().unique()
    studies = concepts.imaging.select(
        *KEY, code_modality="modality", code_regions="regions", code_contrast="contrast"
    ).unique(KEY, keep="first", maintain_order=True)
    return (
        codes.join(set_masks(codes, concepts), on=KEY, how="left")
        .join(fracture_facts(codes, concepts.fractures), on=KEY, how="left")
        .join(studies, on=KEY, how="left")
        .with_columns(pl.col("sets").fill_null(0))
    )


def distinct_codes(frames: Sequence[pl.LazyFrame], system: str, key: str) -> pl.DataFrame:
    """The distinct codes of some tables, as (code_system, code_key)."""
    parts = [f.select(code_system=pl.col(system), code_key=pl.col(key)).unique() for f in frames]
    if not parts:
        return pl.DataFrame(schema={"code_system": pl.String, "code_key": pl.String})
    return pl.concat(parts).drop_nulls().unique().collect()
