"""An S3 server for the tests: moto, with its check of signatures and rights on, and a check of the announced body hash.

s3_server.py PORT FILE: listens on 127.0.0.1:PORT, makes a bucket, a user with the rights that a gateway needs and one who
may do all, then writes "BUCKET KEY_ID:SECRET KEY_ID:SECRET" to FILE.
"""

import hashlib
import io
import json
import os
import sys
import threading
import urllib.request

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


is_closed = False


class Checks:
    """Refuses requests without a signature, and bodies that have not the hash their signature covers, as S3 does."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        if is_closed and "HTTP_AUTHORIZATION" not in environ:
            start_response("403 Forbidden", [("Content-Type", "application/xml")])
            return [b"<Error><Code>AccessDenied</Code></Error>"]
        announced = environ.get("HTTP_X_AMZ_CONTENT_SHA256")
        if announced and announced != "UNSIGNED-PAYLOAD":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            if hashlib.sha256(body).hexdigest() != announced:
                start_response("400 Bad Request", [("Content-Type", "application/xml")])
                return [b"<Error><Code>XAmzContentSHA256Mismatch</Code></Error>"]
        return self.application(environ, start_response)


def make_bucket(port):
    def client(service):
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id="setup",
            aws_secret_access_key="setup",
        )

    bucket = "vestibule-tests"
    client("s3").create_bucket(Bucket=bucket)
    iam = client("iam")
    # What the gateway needs, and nothing more: docs/operating.md names the same.
    actions = ["PutObject", "GetObject", "DeleteObject", "AbortMultipartUpload", "ListBucketMultipartUploads"]
    keys = [make_user(iam, "gateway", [f"s3:{action}" for action in actions]), make_user(iam, "tests", ["s3:*"])]
    # From here on every request has to be signed, by somebody who may do what it asks for.
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()
    global is_closed
    is_closed = True
    return " ".join([bucket, *keys]) + "\n"


def make_user(iam, name, actions):
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    iam.put_user_policy(UserName=name, PolicyName="media", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return f"{key['AccessKeyId']}:{key['SecretAccessKey']}"


def main():
    port, path = int(sys.argv[1]), sys.argv[2]
    application = Checks(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", port, application, threaded=True)
    threading.Thread(target=server.serve_forever).start()
    facts = make_bucket(port)
    with open(path + ".new", "w") as file:
        file.write(facts)
    os.replace(path + ".new", path)


main()
