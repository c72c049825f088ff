"""One module a section of the application; each holds a `router`."""
