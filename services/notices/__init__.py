"""What is said to whom by mail: templates by language, and at most one gentle mail a day."""
