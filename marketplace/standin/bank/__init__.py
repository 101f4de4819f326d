"""The simulated bank: commercial accounts and the treasury's quota."""
