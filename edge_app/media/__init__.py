"""Pictures in and out: photographs, videos and cameras, and what is drawn and written.

``sources`` gives frames; ``photo`` and ``video_writer`` write; ``annotators`` draw what was found;
``annotate`` is the whole way from a source into files. Nothing here finds a face.
"""
