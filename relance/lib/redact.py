"""What a log may say of an address."""


def redact_address(address: str) -> str:
    """ "jean.dupont@clarte.example" becomes "j***@clarte.example": enough to follow a fault."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}" if at else "***"
