"""Changes as bytes: recorded, sealed, bundled, carried, merged. The only room that knows cryptography."""
