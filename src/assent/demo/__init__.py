"""The story that `make demo` tells, and the music it is told on."""
