"""The templates of mails: their list, their editor, a preview per person."""
