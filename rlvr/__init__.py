"""Verifiable-reward environments as plugins, and a trainer that learns from them."""
