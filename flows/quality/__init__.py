"""The quality gate's own process: Great Expectations over SQL on the warehouse file before it is published.

Only `python -m flows.quality` imports what is heavy; flows/gate.py starts it.
"""
