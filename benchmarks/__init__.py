"""What the audit costs, measured beside other ways of asking the same questions: `python -m benchmarks`."""
