"""People, companies and deals."""
