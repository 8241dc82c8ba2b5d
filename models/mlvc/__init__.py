"""MLVC: a scale-sending neural video codec. Start reading at codec.py."""
