"""Reading a conversation, answering it, and who writes."""
