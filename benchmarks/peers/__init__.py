"""The engines that are measured: ours, and what a good engineer would use instead."""
