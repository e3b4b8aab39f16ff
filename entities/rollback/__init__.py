"""The way back: checkpoints, rollback by the map with its archive, foresight and proof, restore, rehearsal (GR-21)."""
