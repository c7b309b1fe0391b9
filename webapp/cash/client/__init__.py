"""How Cash is asked. No Flask, no SQL."""
