"""Every select of the api; each function is named for what it returns."""
