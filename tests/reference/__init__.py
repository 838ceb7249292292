"""A second implementation of the audit, written from the specification text alone.

Plain Python over one patient at a time, for tests only: it shares no code with `transforms`, so that a
mistake has to be made twice, in two different ways, before both agree on it.
"""
