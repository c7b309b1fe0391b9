"""Lines and hours of work orders, for `OutSmartSandbox.complete_another(Materials=[…], Workperiods=[…])`."""

from typing import Any


def material(code: str, quantity: str = "1.00", price: str = "10.00", **fields: Any) -> dict[str, Any]:
    """A line as OutSmart has it: without a warehouse, unless it is named as MaterialWarehouseCode."""
    line = {"MaterialCode": code, "MaterialName": f"Material {code}", "MaterialNr": quantity, "MaterialUnit": "ST"}
    return {**line, "MaterialPrice": price, "MaterialTotalPrice": "", **fields}


def hours(code: str, total: str = "02:00", day: str = "09-11-2026", **fields: Any) -> dict[str, Any]:
    """A period of so long, written as `H:i` or in minutes."""
    times = {"WorkDate": day, "BeginTime": "08:00", "EndTime": "10:00", "Break": "0", "TotalTime": total}
    return {**times, "Travel": "12", "HourType": code, "EmployeeNr": "M01", "WorkRemark": "", **fields}
