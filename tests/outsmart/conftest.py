"""A conversation with OutSmart."""

from collections.abc import Iterator

import pytest
from support.outsmart import gateway

from webapp.demo.outsmart import OutSmartSandbox
from webapp.outsmart.gateway import OutSmartGateway
from webapp.outsmart.session import OutSmartSession


@pytest.fixture
def way(outsmart: OutSmartSandbox) -> OutSmartGateway:
    return gateway(outsmart.api, outsmart.software_token)


@pytest.fixture
def session(outsmart: OutSmartSandbox, way: OutSmartGateway) -> Iterator[OutSmartSession]:
    """For account 1001."""
    with way.session("1001", outsmart.token("1001")) as session:
        yield session
