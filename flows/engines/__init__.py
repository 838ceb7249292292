"""Who judges the parts of the patients: this process, several processes of this machine, or a Dask cluster.

Every engine is given the same parts and runs the same function on each (part.py), so the results are the same bytes.
"""
