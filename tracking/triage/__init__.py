"""What support works with: issues by cause, and the requests over many of them."""
