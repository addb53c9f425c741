"""The frame around every page: navigation, toasts, errors."""
