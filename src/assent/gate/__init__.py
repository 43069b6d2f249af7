"""The only door to the audio."""
