"""The only place with SQL: functions in, domain records out."""
