"""Memory for coding agents:

what their hooks hand over is remembered, and what bears on it returned.
"""
