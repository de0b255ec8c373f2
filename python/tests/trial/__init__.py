"""Trials read back through the public Python API."""
