"""Benchmarks: `bin/bench NAME`. The last line each prints is one JSON object with its figures."""
