"""What one writes again and again: templates, placeholders, signatures."""
