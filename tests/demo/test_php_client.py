"""PHP's own SoapClient, which every known client of Cash uses, works against the sandbox as it is."""

import json
import subprocess
from pathlib import Path

import pytest

ERR = "Ongeldige waarde 0101=123456"
RELATION = "<R0101><F0101>000900</F0101><F0103>Jansen &amp; Zn.</F0103><F0107>1234AB Proefdorp</F0107></R0101>"


def run_client(dialect, wsdl):
    client = Path(__file__).with_name("client.php")
    run = subprocess.run(["php", client, dialect, wsdl], capture_output=True, text=True, timeout=20, check=False)
    assert (run.returncode, run.stderr) == (0, ""), run.stdout + run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("style", ["encoded", "literal"])
@pytest.mark.parametrize("dialect", ["token", "3.0"])
def test_php_can_use_every_operation(cash, dialect, style):
    wsdl = cash.wsdl if dialect == "token" else cash.wsdl_3
    got = run_client(dialect, f"{wsdl}&style={style}")
    if dialect == "token":
        assert got["login"]["response"] == {"code": 1, "message": "Success"}
        assert got["unseen"]["response"]["code"] == 800
    assert got["rejected"]["response"] == {"code": 2, "message": "Error during login"}
    listed = got["list"]["administrationList"]
    listed = listed if style == "encoded" else listed["item"]  # an array type, or a sequence of items
    assert listed[0] == {"admCode": "x001", "admMap": "1571", "admName": "Demo B.V.", "ReadOnly": "N"}
    assert len(listed) == 4
    assert (got["import"]["response"]["code"], got["import"]["transaction"]["status"]) == (1, 1)
    assert (got["pending"]["transaction"]["status"], got["done"]["transaction"]["status"]) == (1, 2)
    assert (got["refused"]["response"]["code"], got["refused"]["transaction"]["status"]) == (1, 3)
    assert ERR in got["refused"]["transaction"]["err"]
    assert got["integers"] is True
    assert got["export"]["exportResult"] == (
        f'Content-type: text/xml <?xml version="1.0" encoding="UTF-8"?><cash>{RELATION}</cash>'
    )
    assert got["fault"] == "Procedure 'Unheard' not present"
    assert ("xsi:type" in got["request"]) == (style == "encoded")


def test_php_sees_the_names_of_the_wsdl_whatever_the_case_it_calls(cash):
    run_client("3.0", cash.wsdl_3)
    assert set(cash.calls) == {"ListAdministrations", "Export", "Import", "GetTransaction"}
