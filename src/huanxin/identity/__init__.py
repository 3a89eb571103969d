"""Identity: who acts and where: regions, people, organisations, accounts, roles, restrictions."""
