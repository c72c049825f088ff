"""文书: what goes into a pack and onto paper, in the forms that bureaus and platforms ask for. Suspected, never decided."""
