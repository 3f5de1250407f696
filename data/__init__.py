"""The ground floor: what is stored. Knows no rule beyond what a constraint can say."""
