dnl heloguard and submission: for sendmail.mc. Users' programs say whatever HELO they like, so their port asks no filter.
dnl Filters that the port is to ask (a signer) go behind the last = sign, separated by semicolons.
dnl It takes the place of the MSA line that is there already, or of FEATURE(`msp') lines that set the same port.
DAEMON_OPTIONS(`Name=MSA, Port=587, M=Ea, InputMailFilters=')dnl
