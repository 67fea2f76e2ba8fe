"""The pages that people meet: a module for each place, plain forms first."""
