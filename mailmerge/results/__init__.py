"""What Pix says: reading every layout, the one table, « Résultats Pix.xlsx », rosters."""
