"""The fault simulator: institutions that live in one process, and everything that may happen to them.

One seed is one life: headquarters, branches, couriers with sticks and an auditor, on a virtual clock and a
virtual disk, with the real program on real databases in a temporary folder. Every fault is drawn from the
seed, so that a life which fails can be lived again.
"""
