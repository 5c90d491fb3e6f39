"""Stages that more than one app uses."""
