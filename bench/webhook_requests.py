"""Webhooks as Meta sends them, signed, as they go over the wire."""

import hashlib
import hmac
import random
import struct
import time

PHONE_NUMBER_ID = "200000000000101"
BUSINESS_ACCOUNT_ID = "100000000000101"
APP_SECRET = "bench-app-secret"

WORDS = ("hello thanks order parcel tomorrow please address invoice where when still waiting number street colour "
         "refund size blue green delivery shop open today question received broken replace price card paid").split()


def wamid(number):
    """A WhatsApp message id of the usual length. Warm-up messages count below zero."""
    return f"wamid.HBgLBENCH{'W' if number < 0 else 'M'}{abs(number):042d}=="


def customer_phone(customer):
    return f"49155{customer:08d}"


def write_requests(warm_up, measured, count, customers):
    """`warm_up` holds one message of each customer, `measured` `count` messages of random customers."""
    source = random.Random(20)
    texts = [" ".join(source.choices(WORDS, k=source.randint(4, 20))) for _ in range(1000)]
    now = int(time.time())
    with open(warm_up, "wb") as file:
        for customer in range(customers):
            file.write(record(-1 - customer, customer, texts[customer % 1000], now))
    with open(measured, "wb") as file:
        for number in range(count):
            file.write(record(number, source.randrange(customers), texts[source.randrange(1000)], now))


def record(number, customer, text, timestamp):
    content = body(number, customer, text, timestamp)
    signature = hmac.digest(APP_SECRET.encode(), content, hashlib.sha256).hex()
    request = (
        f"POST /whatsapp/webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: facebookexternalua\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\nX-Hub-Signature-256: sha256={signature}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n").encode() + content
    return struct.pack("<I", len(request)) + request


def body(number, customer, text, timestamp):
    phone = customer_phone(customer)
    return (
        '{"object":"whatsapp_business_account","entry":[{"id":"' + BUSINESS_ACCOUNT_ID + '","changes":[{"value":'
        '{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550200001","phone_number_id":"'
        + PHONE_NUMBER_ID + '"},"contacts":[{"profile":{"name":"Customer ' + str(customer) + '"},"wa_id":"' + phone
        + '"}],"messages":[{"from":"' + phone + '","id":"' + wamid(number) + '","timestamp":"' + str(timestamp)
        + '","text":{"body":"' + text + '"},"type":"text"}]},"field":"messages"}]}]}').encode()
