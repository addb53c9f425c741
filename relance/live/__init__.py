"""Events written with the change they tell of, read by the open pages. Knows no domain."""

from relance.live.events import prune, publish

__all__ = ["prune", "publish"]
