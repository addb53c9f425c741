"""One row per e-mail address: the pivot between mail and CRM."""
