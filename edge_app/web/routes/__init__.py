"""The addresses that the server answers, one module per page."""
