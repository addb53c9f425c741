from relance.crm.models.companies import Company
from relance.crm.models.deals import Deal, DealContact, Stage
from relance.crm.models.people import Person, PersonAddress

__all__ = ["Company", "Deal", "DealContact", "Person", "PersonAddress", "Stage"]
