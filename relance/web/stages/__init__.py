"""Stages of the pipeline, for administrators."""
