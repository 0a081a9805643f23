"""Samplers: rules that say which undecided products are asked first."""
