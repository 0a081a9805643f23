"""Doors of the web server: read the request, call a service, answer."""
