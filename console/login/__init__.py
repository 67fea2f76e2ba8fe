"""How people come in: through the customer's identity provider, or on loopback by themselves."""
