"""The automatic answer while somebody is away."""
