"""What an hour of a machine costs: list prices, which say nothing of discounts, other regions, disks or traffic.

Source: pay-as-you-go prices of Linux machines in East US ("Linux Virtual Machines Pricing", azure.microsoft.com).
"""

from __future__ import annotations

PRICES_AS_OF = "2026-03"
PRICES_NOTE = f"list price of East US for Linux, {PRICES_AS_OF}"
"""What has to stand beside every price."""
LOW_PRIORITY_FACTOR = 0.2
"""A low-priority Linux node costs a fifth ("Low-priority VMs", how-to-manage-optimize-cost)."""

_PRICES = {
    "DS1_v2": 0.073, "DS2_v2": 0.146, "DS3_v2": 0.293, "DS4_v2": 0.585, "DS5_v2": 1.17,
    "DS11_v2": 0.185, "DS12_v2": 0.37, "DS13_v2": 0.741, "DS14_v2": 1.482,
    "D1_v2": 0.073, "D2_v2": 0.146, "D3_v2": 0.293, "D4_v2": 0.585, "D5_v2": 1.17,
    "D11_v2": 0.185, "D12_v2": 0.37, "D13_v2": 0.741, "D14_v2": 1.482,
    "D2_v3": 0.096, "D4_v3": 0.192, "D8_v3": 0.384, "D16_v3": 0.768, "D32_v3": 1.536, "D64_v3": 3.072,
    "D2s_v3": 0.096, "D4s_v3": 0.192, "D8s_v3": 0.384, "D16s_v3": 0.768, "D32s_v3": 1.536, "D64s_v3": 3.072,
    "D2s_v5": 0.096, "D4s_v5": 0.192, "D8s_v5": 0.384, "D16s_v5": 0.768, "D32s_v5": 1.536, "D64s_v5": 3.072,
    "E2s_v3": 0.126, "E4s_v3": 0.252, "E8s_v3": 0.504, "E16s_v3": 1.008, "E32s_v3": 2.016,
    "E2s_v5": 0.126, "E4s_v5": 0.252, "E8s_v5": 0.504, "E16s_v5": 1.008, "E32s_v5": 2.016,
    "F2s_v2": 0.085, "F4s_v2": 0.169, "F8s_v2": 0.338, "F16s_v2": 0.677, "F32s_v2": 1.353, "F64s_v2": 2.706,
    "F72s_v2": 3.045,
    "NC4as_T4_v3": 0.526, "NC8as_T4_v3": 0.752, "NC16as_T4_v3": 1.204, "NC64as_T4_v3": 4.352,
    "NC6s_v3": 3.06, "NC12s_v3": 6.12, "NC24s_v3": 12.24,
    "NC24ads_A100_v4": 3.673, "NC48ads_A100_v4": 7.346, "NC96ads_A100_v4": 14.692,
    "ND96asr_v4": 27.197, "ND96amsr_A100_v4": 32.77, "ND96isr_H100_v5": 98.32,
}  # fmt: skip
_BY_NAME = {f"standard_{name}".lower(): price for name, price in _PRICES.items()}


def price_per_hour(size: str, tier: str = "") -> float | None:
    """US dollars for an hour of one machine; None where the table has no such size.

    Args:
        size: as `Standard_DS3_v2`, in any case of letters.
        tier: `low_priority` for a node that may be taken away.
    """
    price = _BY_NAME.get(size.lower())
    if price is None:
        return None
    return round(price * LOW_PRIORITY_FACTOR, 4) if tier == "low_priority" else price
