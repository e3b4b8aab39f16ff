"""What the reconciliation pages show: figures that the checks stored, never counted again in a request."""
