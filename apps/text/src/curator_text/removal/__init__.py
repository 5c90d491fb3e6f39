"""What every job shares that takes documents out of files: their places, their copies, the losses."""
