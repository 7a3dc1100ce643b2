-- A client of no address family, and an abrupt end.
conn = mt.connect(socket)
if conn == nil then error("cannot connect") end
if mt.conninfo(conn, "localhost", "unspec") ~= nil then error("connect failed") end
if mt.helo(conn, "192.0.2.1") ~= nil then error("HELO failed") end
if mt.mailfrom(conn, "<>") ~= nil then error("MAIL failed") end
if mt.rcptto(conn, "<user@example.net>") ~= nil then error("RCPT failed") end
if mt.getreply(conn) ~= SMFIR_CONTINUE then error("refused") end
mt.disconnect(conn, false)
