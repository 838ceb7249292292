"""The random stories of tests/reference/generate.py: a site, its patients, and chapters of their course."""
