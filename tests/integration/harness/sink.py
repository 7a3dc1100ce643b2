"""An SMTP server that keeps what it is sent: where the mail servers deliver to, so that a test sees a message whole."""

import socket
import threading

from .workplace import PATIENCE, wait_for


class Sink:
    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._messages = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with connection, connection.makefile("rb") as lines:
            connection.settimeout(PATIENCE)
            connection.sendall(b"220 sink.example ESMTP\r\n")
            for line in lines:
                verb = line[:4].upper()
                if verb == b"DATA":
                    connection.sendall(b"354 go on\r\n")
                    self._messages.append(self._read_message(lines))
                connection.sendall(b"221 bye\r\n" if verb == b"QUIT" else b"250 fine\r\n")
                if verb == b"QUIT":
                    return

    @staticmethod
    def _read_message(lines):
        message = b""
        for line in lines:
            if line == b".\r\n":
                break
            message += line[1:] if line.startswith(b".") else line
        return message.decode("utf-8", "backslashreplace").replace("\r\n", "\n")

    def fields(self, subject):
        """The header fields of the message with this subject, once it has come: (name, value) from the top."""
        def found():
            return next((m for m in self._messages if f"\nSubject: {subject}\n" in m), None)
        header = wait_for(f"the message {subject}", found).split("\n\n", 1)[0]
        fields = []
        for line in header.split("\n"):
            if line[:1] in " \t" and fields:
                fields[-1] = (fields[-1][0], fields[-1][1] + "\n" + line)
            else:
                name, value = line.split(":", 1)
                fields.append((name, value.removeprefix(" ")))
        return fields
