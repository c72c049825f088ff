"""The night's work and its care: plan, run, schedule, table imports, the demonstration."""
