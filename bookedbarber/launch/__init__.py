"""What `bin/run` starts: services, database, web, worker, beat and the processor simulator."""
