"""How counts of patients' rows are shown where more people may read than may know who it is.

One helper for what the night itself leaves (the quality pages, the summary in Prefect). Reports that print counts beside
their totals need more than this.
"""

FEW = 10
"""Counts from 1 to this are shown as a range: they could be someone."""


def shown(count: int) -> str:
    """A count, as it may be read by everybody."""
    return f"1–{FEW}" if 1 <= count <= FEW else f"{count:,}"


def shown_share(count: int, whole: int) -> str:
    """A share, where neither it nor what is left of the whole tells a small count."""
    if whole == 0:
        return "none"
    if 1 <= count <= FEW and count < whole:
        return f"{shown(count)} of {shown(whole)}"
    if 1 <= whole - count <= FEW and count > 0:
        return f"nearly all of {shown(whole)}"
    if whole <= FEW:
        return f"{'all' if count else '0'} of {shown(whole)}"
    return f"{100 * count / whole:.1f} % of {whole:,}"
