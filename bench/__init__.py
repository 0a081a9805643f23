"""Benchmarks: what is claimed in the documents, measured again by ``make bench``."""
