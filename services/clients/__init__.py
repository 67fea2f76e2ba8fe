"""The machines that may use the API with keys of their own: HR platforms, provisioning, monitoring."""
