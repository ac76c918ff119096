"""The nginx that files are also served by, set up for speed."""

import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PROGRAM = "/usr/sbin/nginx"


class Nginx:
    """Serves everything under `root`; stopped on leaving the `with` block."""

    def __init__(self, root, port):
        self.port = port
        self.folder = tempfile.mkdtemp(prefix="nginx.", dir=root)
        temporary = "\n".join(
            f"  {kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        configuration = f"""
{"user root;" if os.geteuid() == 0 else ""}
daemon off;
worker_processes auto;
pid {self.folder}/pid;
error_log {self.folder}/error.log;
events {{ worker_connections 1024; }}
http {{
{temporary}
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  open_file_cache max=1000;
  server {{
    listen 127.0.0.1:{port};
    root {root};
    location = /ping {{ return 204; }}
  }}
}}
"""
        path = f"{self.folder}/nginx.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(configuration)
        self.process = subprocess.Popen(
            [PROGRAM, "-p", self.folder, "-e", f"{self.folder}/error.log", "-c", path], stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def __enter__(self):
        deadline = time.monotonic() + 20
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise SystemExit(f"nginx did not start: {self.folder}/error.log")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=2) as answer:
                return answer.status == 204
        except (urllib.error.URLError, OSError):
            return False
