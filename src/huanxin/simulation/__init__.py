"""Simulation: the city twin; drives the platform through its public doors."""
