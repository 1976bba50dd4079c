"""A frame in, the faces on it out: where, who, and with which emotion.

``pipeline`` (recorded media) and ``live`` (cameras) put the stages in their order; they do no input
or output and own no thread. What happens to a picture between its grey and a model is in
``preprocess`` alone, and training uses it too.
"""
