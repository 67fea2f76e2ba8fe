"""Who works here, who their conversation partner is and since when."""
