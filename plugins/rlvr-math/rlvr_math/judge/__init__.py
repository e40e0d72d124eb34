"""Whether two answers are equal by the policy: scalars, lists, relations, and what brings them together."""
