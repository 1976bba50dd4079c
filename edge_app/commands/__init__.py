"""The work of commands that are more than one call, one module each."""
