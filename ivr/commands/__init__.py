"""One module a command of `careline`."""
