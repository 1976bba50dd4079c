"""Ways to say who a face is, behind ``core.types.Identifier``.

``identifier`` compares a face with the enrolled, ``methods`` has what a manifest may choose; the
rest are the methods and what they are made of.
"""
