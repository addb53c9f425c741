"""Where the house is put together: settings, URLs, processes, the command line."""
