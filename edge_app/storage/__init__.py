"""What a device keeps: one SQLite file with people, samples, rejections, strangers and visits.

``state`` opens it; each of the others is one concern of it. Storage computes nothing on faces: it
keeps crops and hands them out.
"""
