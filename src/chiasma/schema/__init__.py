"""Every promise about keys, columns, dtypes and units."""
