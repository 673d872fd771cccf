"""Audio to text to meaning."""
