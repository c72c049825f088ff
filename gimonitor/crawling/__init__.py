"""What every spider stands on: asking politely, sealing before parsing, telling an answer from a refusal, recording."""
