"""The pages behind the log-in: thin, over the services of `fifteen.clinic`."""
