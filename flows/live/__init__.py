"""The watch: a topic that is followed, rules that are judged, channels that are told."""
