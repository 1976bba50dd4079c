"""What every other package stands on, and what stands on none of them.

The values that pass between the stages (``types``), the tree of errors, settings and languages,
the log, files that are whole or not there (``atomic``), threads and the mailbox between them.
Everybody may import everything here; nothing here knows of models or devices,
and of pictures only how one becomes grey.
"""
