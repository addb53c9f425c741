"""The pipeline: deals on a board, a lane for each stage."""
