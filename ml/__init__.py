"""Pipelines from products to category probabilities; knows no database and no web."""
