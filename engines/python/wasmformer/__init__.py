"""Engines in Python for models that wasmformer exports."""
