"""Floor 9: contracts with their approvals and signatures, milestones and acceptance."""
