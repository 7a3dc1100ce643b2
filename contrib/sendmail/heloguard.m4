dnl heloguard in front of Sendmail: for sendmail.mc, before the MAILER lines. Why each is there: README.md.
dnl With other filters in the file, the order of these lines is the order in which they are asked: put this one first.
INPUT_MAIL_FILTER(`heloguard', `S=unix:/run/heloguard/heloguard.sock, F=, T=C:10s;S:10s;R:10s;E:1m')dnl
