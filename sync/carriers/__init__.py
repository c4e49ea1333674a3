"""How bundles get from one PC to the other: disc images, mail, the line to headquarters.

A carrier is believed in nothing. What comes by it is unpacked into files of ours under names of ours, and
each file then stands for itself, as if it had lain on a stick.
"""
