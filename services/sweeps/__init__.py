"""The engine of sweeps: draws, early termination, replay and ranking, pure and without I/O."""
