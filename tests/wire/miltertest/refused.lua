-- A HELO that is a bare address: the refusal comes at RCPT, postmaster is spared, and the options are the ones needed.
conn = mt.connect(socket)
if conn == nil then error("cannot connect") end

if mt.negotiate(conn, nil, nil, nil) ~= nil then error("negotiation failed") end
for _, option in ipairs({SMFIP_NOBODY, SMFIP_NOHDRS, SMFIP_NOEOH, SMFIP_NODATA, SMFIP_NOUNKNOWN, SMFIP_NR_CONN,
                         SMFIP_NR_HELO, SMFIP_NR_MAIL}) do
  if not mt.test_option(conn, option) then error("option not asked for: " .. option) end
end
for _, option in ipairs({SMFIP_NOCONNECT, SMFIP_NOHELO, SMFIP_NOMAIL, SMFIP_NORCPT, SMFIP_NR_RCPT}) do
  if mt.test_option(conn, option) then error("option asked for: " .. option) end
end

if mt.conninfo(conn, "client.example", "192.0.2.1") ~= nil then error("connect failed") end
if mt.helo(conn, "192.0.2.1") ~= nil then error("HELO failed") end
if mt.mailfrom(conn, "<sender@example.com>") ~= nil then error("MAIL failed") end
if mt.rcptto(conn, "<user@example.net>") ~= nil then error("RCPT failed") end
if mt.getreply(conn) ~= SMFIR_REPLYCODE then error("not refused with a reply: " .. mt.getreply(conn)) end
if mt.rcptto(conn, "<postmaster@example.net>") ~= nil then error("RCPT failed") end
if mt.getreply(conn) ~= SMFIR_CONTINUE then error("postmaster refused") end
mt.disconnect(conn)
