"""The frame of every command: settings, help, exit codes; and the doctor."""
