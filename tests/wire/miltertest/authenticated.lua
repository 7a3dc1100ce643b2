-- The very HELO that is refused otherwise, from a client that has authenticated.
conn = mt.connect(socket)
if conn == nil then error("cannot connect") end
mt.macro(conn, SMFIC_CONNECT, "j", "mx.example.net", "{daemon_port}", "587")
if mt.conninfo(conn, "client.example", "192.0.2.1") ~= nil then error("connect failed") end
mt.macro(conn, SMFIC_HELO, "{tls_version}", "TLSv1.3")
if mt.helo(conn, "192.0.2.1") ~= nil then error("HELO failed") end
mt.macro(conn, SMFIC_MAIL, "{auth_authen}", "user", "{auth_type}", "PLAIN")
if mt.mailfrom(conn, "<sender@example.com>") ~= nil then error("MAIL failed") end
if mt.rcptto(conn, "<user@example.net>") ~= nil then error("RCPT failed") end
if mt.getreply(conn) ~= SMFIR_CONTINUE then error("refused") end
mt.disconnect(conn)
