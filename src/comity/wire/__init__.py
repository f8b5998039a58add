"""What crosses, as bytes and back."""

__all__: list[str] = []
