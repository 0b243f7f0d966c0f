"""What is said of treatment, in English and in Indonesian, from exact or rounded figures."""
