"""What the README of an audit pack says, in plain words."""

from typing import Final

README: Final = """\
AUDIT PACK
==========

This file holds the books of an institution as its offices signed them, and a program that proves them.
You need nothing of the institution's own programs.

WARNING: THERE ARE PERSONAL DATA IN HERE. The signed entries name clients, their accounts and their
payments.
Keep the pack as you keep other working papers, encrypted, and destroy it when your work is done.

To prove it
-----------
1. Install Python 3.9 or later, and its package "cryptography".
2. python3 satchel-verify.py audit-pack-....zip
   The report names every kind of check, how often it was made, and the first place that fails.
   Exit code 0: everything holds. 1: something does not.
3. Compare the fingerprint of the root keys (first lines of the report) with the paper in the institution's
   safe. Nothing but this comparison tells you that the pack is of the institution that you audit.
4. Better than the copy of satchel-verify.py in here is one that you got elsewhere, or read yourself: it
is one
   file, written to be read.

What is in it
-------------
  root/            which keys speak for the institution, version after version, each signed
  enrolments/      how laptops asked for their place, signed by their own keys
  chains/          every entry, byte for byte, with its signature. DEVICE-CHAIN.block; device 1 is
                   headquarters
                   (a later one, where headquarters came back from a backup); its chain 0 is the same for
                   all.
                   -as-N: another history of a laptop, which headquarters adopted as device N
  aside/           signed entries that do not count: what waits, other histories, what a lost laptop wrote
                   later
  manifests/       what bundles claimed about their chains (balances), signed by who sent them
  tables/          for reading: journal, trial balance, accounts, offices, devices, documents and
                   without-effect are proved by the entries; users, decisions, exceptions, quarantine,
                   control-totals and bundles are lists to read beside them
  pack.json        what was asked for, and where each chain ends
  SHA256SUMS       the hash of every file:  sha256sum --check SHA256SUMS

The files of chains/, aside/ and manifests/ are frames: one byte 0, number of entries (4 bytes), length (4
bytes), then for each entry its length (4 bytes), its bytes (CBOR), its signature (64 bytes, Ed25519).

What it proves, and what not
----------------------------
Proved: who signed each entry; that no entry of a chain was changed, left out or put in before its last
one that
headquarters or a later entry names; that debit equals credit everywhere; that the figures in the tables
are the
sums of these entries; that all branches were shown the same history of headquarters.
Not proved: that what was entered is true; that nothing was done without an entry; that a chain has not
gone on
behind its last entry in here. Receipts in the hands of clients and counted cash prove those.
"""
