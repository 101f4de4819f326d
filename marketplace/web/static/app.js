// Starts the component set and keeps countdowns going; every page works without it.
