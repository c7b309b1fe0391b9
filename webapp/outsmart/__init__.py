"""How OutSmart is asked (REST v8). No Flask, no SQL."""
