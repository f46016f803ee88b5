"""Step, accumulate, schedule, save, resume, log; never what a batch contains or a loss means."""
