"""The top floor: what people see. Holds no rule and no SQL."""
