"""Live pictures to any number of viewers, and pictures from phones."""
