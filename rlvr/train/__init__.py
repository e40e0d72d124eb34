"""The trainer: the only room with torch. `run.train` is the straight line."""
