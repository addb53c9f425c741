"""Writing a mail: the composer, its page, its helpers, and sending."""
