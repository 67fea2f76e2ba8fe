"""What is said between an employee and a conversation partner, and who may see which part of it."""
