"""The world outside, each part a protocol with a real form and one for development."""
