"""What single pages are made of: findings, treatment, scorecard, the BPMN model."""
