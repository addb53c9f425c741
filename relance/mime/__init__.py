"""Mail as bytes: parse, compose, sanitise, quotes and subjects. No Django, no sockets."""
