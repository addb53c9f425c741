"""Cases (shown as "tickets"): listed, shown, made by hand or from a mail."""
