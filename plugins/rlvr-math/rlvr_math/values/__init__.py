"""What an answer means: a small tree of our own, and ways to find its value."""
