"""The truth about a model: on labelled recordings, and on the line's own phrases."""
