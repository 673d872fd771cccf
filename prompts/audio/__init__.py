"""Sound for the telephone: WAV files, mu-law, level, band, pace. Samples are float32 in -1..1, mono."""
