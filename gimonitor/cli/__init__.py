"""The operators' commands, one module a noun; `main` puts them together."""
