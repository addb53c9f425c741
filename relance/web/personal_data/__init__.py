"""What the CRM holds of one person: shown, exported, erased."""
