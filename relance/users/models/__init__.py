from relance.users.models.organisation import Organisation
from relance.users.models.users import OneTimeLink, User

__all__ = ["OneTimeLink", "Organisation", "User"]
