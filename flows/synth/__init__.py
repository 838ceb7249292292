"""Synthetic extracts of any size with known truth: plans are drawn, and both the rows and the truth follow from them."""
