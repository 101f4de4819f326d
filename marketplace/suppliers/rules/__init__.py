"""Pure decisions of the register: codes and natures, the readiness list, names that are alike."""
