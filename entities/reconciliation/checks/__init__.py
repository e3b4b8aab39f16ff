"""Checks that belong to no single aggregate: conservation, counts, technical integrity, tenancy, run properties."""
