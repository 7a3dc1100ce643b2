"""Private mail servers, the daemon and an SMTP client for the integration tests."""
