"""A chat backend for the tests: takes events at its address, and checks each with the public library of Standard
Webhooks. Arguments: the port, the secret.

POST /hook        an event; answered as it was told to
POST /hook/redirect, /hook/large   sent elsewhere; answered with a megabyte
POST /behaviour   {"status": 200, "reply": {…} or null, "cutOff": 0}: how events are answered from now on; of so many one
                  is taken and the connection cut off before the answer
GET  /received    what came: {"id", "type", "room", "sequence", "verified", "status"}, in order
"""

import http.server
import json
import socket
import socketserver
import sys
import threading

import standardwebhooks

LOCK = threading.Lock()
RECEIVED = []
BEHAVIOUR = {"status": 200, "reply": None, "cutOff": 0}
WEBHOOK = standardwebhooks.Webhook(sys.argv[2])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with LOCK:
            self.answer(200, RECEIVED)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path == "/behaviour":
            with LOCK:
                BEHAVIOUR.update(json.loads(body))
            self.answer(200, {})
            return
        if self.path == "/hook/redirect":
            self.send_response(307)
            self.send_header("Location", "/hook")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/hook/large":
            self.answer(200, "a" * (1 << 20))
            return
        try:
            event = WEBHOOK.verify(body, dict(self.headers))
            verified = self.headers["webhook-id"] == event["id"]
        except standardwebhooks.WebhookVerificationError:
            event, verified = json.loads(body), False
        with LOCK:
            status, reply = BEHAVIOUR["status"], BEHAVIOUR["reply"]
            RECEIVED.append({
                "id": event["id"], "type": event["type"], "room": event.get("room"), "sequence": event.get("sequence"),
                "verified": verified, "status": status})
            cut_off = BEHAVIOUR["cutOff"] and len(RECEIVED) % BEHAVIOUR["cutOff"] == 0
        if cut_off:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        said = event["type"] == "message.received" and reply is not None
        self.answer(status, {"reply": reply} if said else {})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nobody reads it."""


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

    def server_bind(self):
        # The library's own asks a name server who 127.0.0.1 is.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
