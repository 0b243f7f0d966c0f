"""What runs when: Prefect flows, their deployments, and what its server does by itself."""
