"""The panel beside a conversation: who writes, what one knows of her, what one said."""
