"""What holds for every request there could be, and a counterexample where it does not."""
