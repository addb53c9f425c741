"""Real servers on loopback for tests and benchmarks: unprivileged, private folders, high ports."""
