from relance.users.models.attempts import FailedLogin
from relance.users.models.organisation import Organisation
from relance.users.models.teams import Currency, Team
from relance.users.models.users import OneTimeLink, User

__all__ = ["Currency", "FailedLogin", "OneTimeLink", "Organisation", "Team", "User"]
