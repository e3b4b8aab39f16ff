"""The first page: how far the wave is, how fast it goes, what needs a person. Reads the record, changes nothing."""
