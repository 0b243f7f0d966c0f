"""The watch: what alert rules need to know, kept up to date while events come in."""
