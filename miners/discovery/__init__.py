"""A readable model of how permits usually travel, with how far it holds beside it.

`inductive` is the one module here that imports pm4py; the others draw, measure and write the model.
"""

from miners.discovery.inductive import Model, discover_from_dfg, discover_from_variants

__all__ = ["Model", "discover_from_dfg", "discover_from_variants"]
