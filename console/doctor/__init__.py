"""`cairn doctor`: looks at everything that a deployment rests on; each finding says what mends it."""
