"""Bars, curves and colours, drawn as SVG without a script."""
