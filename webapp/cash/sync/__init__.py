"""Brings the data of Cash to OutSmart; over actions, client and store, never over the page."""
