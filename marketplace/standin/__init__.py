"""The stand-ins of the gateway and the bank: their own process with their own store and finite balances."""
