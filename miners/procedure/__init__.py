"""What should happen to an application, read from a drawing of the procedure.

`bpmn_net` is the only module here that imports pm4py, and only once a drawing has been read.
"""
