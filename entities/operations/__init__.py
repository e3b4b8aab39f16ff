"""What the commands do: planning and driving runs, showing where things are, telling the story of one record."""
