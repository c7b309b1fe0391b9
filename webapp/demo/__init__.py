"""The demo: a Cash that speaks the protocol and a stand-in for OutSmart's settings area."""
