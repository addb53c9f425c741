from relance.inbox.models.placements import AddressOverride, ColumnCount, Placement, Stream
from relance.inbox.models.search import SearchEntry

__all__ = ["AddressOverride", "ColumnCount", "Placement", "SearchEntry", "Stream"]
