"""The benches of the Lab panel."""
