"""Floor 2: papers people print and file: PDF by Typst, tables for Excel and WPS; knows no domain."""
