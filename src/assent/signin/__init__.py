"""Who somebody is: passwords, passkeys, other houses' word, sessions, tokens, roles."""
