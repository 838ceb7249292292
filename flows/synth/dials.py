"""A dial: one independent choice of a case's plan, its options with their weights, conditions and rows.

Conditions are short texts over choices that were made before: `"story=deficit pain!=silent|unrecorded"`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl

from flows.synth.draws import chosen
from flows.synth.rows import Row


@dataclass(frozen=True)
class Option:
    """One way that it may go: how often, where it is possible at all, and the rows that it leaves."""

    weight: float
    rows: Sequence[Row] = ()
    when: str = ""
    tag: str | None = None
    """The share that a user can set: `missed` (a referral that wasn't made), `undocumented`."""


@dataclass(frozen=True)
class Dial:
    """One choice of the plan: a column of the same name, of the enum of its options."""

    name: str
    options: Mapping[str, Option]

    @property
    def dtype(self) -> pl.Enum:
        return pl.Enum(list(self.options))

    def draw(
        self,
        plan: pl.DataFrame,
        seed: int,
        shares: Mapping[str, float],
        limits: Sequence[tuple[str, Mapping[str, str]]],
    ) -> pl.Series:
        """The choice of each case of a plan so far; `shares` by tag take the place of the declared weights.

        `limits` are (where, the options that are left of each dial there, or with a leading `!` those that are not).
        """
        mine = [(where, self._words(left[self.name])) for where, left in limits if self.name in left]
        possible: dict[str, pl.Expr] = {}
        for word, option in self.options.items():
            conditions = [holds(option.when)] if option.when else []
            conditions += [~holds(where) for where, left in mine if word not in left]
            if conditions:
                possible[word] = pl.all_horizontal(conditions)
        found = plan.select(**possible)

        def pick(shares: Mapping[str, float]) -> pl.Series:
            weights: dict[str, pl.Series | float] = {}
            for word, option in self.options.items():
                weight = self._weight(option, shares)
                weights[word] = found[word].cast(pl.Float64) * weight if word in possible else weight
            return chosen(plan["words"], seed, self.name, weights, self.dtype)

        drawn = pick(shares)
        if drawn.null_count():  # where a share leaves nothing that is possible, it says nothing
            drawn = drawn.zip_with(drawn.is_not_null(), pick({}))
        assert not drawn.null_count(), f"nothing is possible for some plan: {self.name}"
        return drawn

    def _words(self, text: str) -> list[str]:
        """The options of `"one|other"`, or with `"!one|other"` all but these."""
        words = text.removeprefix("!").split("|")
        return [word for word in self.options if word not in words] if text.startswith("!") else words

    def _weight(self, option: Option, shares: Mapping[str, float]) -> float:
        """The declared weight, scaled so that the options of a tag have the share that was asked for."""
        share = next((shares[o.tag] for o in self.options.values() if o.tag and o.tag in shares), None)
        if share is None:
            return option.weight
        is_tagged = option.tag in shares
        total = sum(o.weight for o in self.options.values() if (o.tag in shares) == is_tagged)
        return option.weight / total * (share if is_tagged else 1 - share) if total else 0.0


def holds(condition: str) -> pl.Expr:
    """True where all terms `dial=word|word` or `dial!=word|word` of the condition hold."""
    terms = [_term(text) for text in condition.split()]
    return reduce(lambda a, b: a & b, terms) if terms else pl.lit(True)


def _term(text: str) -> pl.Expr:
    name, _, words = text.partition("=")
    is_not = name.endswith("!")
    column = pl.col(name.removesuffix("!"))
    found = reduce(lambda a, b: a | b, [column == word for word in words.split("|")])
    return ~found if is_not else found
