"""Where mail meets CRM: columns, their reasons, and who may see what."""
