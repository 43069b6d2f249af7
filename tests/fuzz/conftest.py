"""The fuzzer is run by `make fuzz`; it is no test, and its driver is not always installed."""

collect_ignore = ["fuzz_log.py"]
