"""Other people's checkers of mathematical answers, each in its own virtual environment and process."""
