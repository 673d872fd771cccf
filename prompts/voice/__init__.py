"""Voices, each in a program of its own: eSpeak NG at run time, and the natural voice that renders the prompts."""
