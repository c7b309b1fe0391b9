"""Reads one list in a process of its own; prints the processor's seconds and the peak of memory in MB."""

import json
import resource
import sys
import time

import requests

from webapp.outsmart.gateway import OutSmartGateway
from webapp.outsmart.model import MATERIALS

way, address, number = sys.argv[1:]
started = time.process_time()
if way == "client":
    with OutSmartGateway(address, "software").session("1", number) as session:
        read = sum(1 for _ in session.get(MATERIALS))
else:
    read = len(
        json.loads(requests.get(f"{address}/materials", {"token": number, "x": ""}, timeout=300).content)["response"]
    )
seconds = time.process_time() - started
assert read == int(number), read
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
