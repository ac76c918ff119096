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
RANDOM = random.Random(20)
TEXTS = [" ".join(RANDOM.choices(WORDS, k=RANDOM.randint(4, 20))) for _ in range(1000)]


def wamid(number):
    """A WhatsApp message id of the usual length. Warm-up messages count below zero."""
    return f"wamid.HBgLBENCH{'W' if number < 0 else 'M'}{abs(number):042d}=="


def customer_phone(customer):
    return f"49155{customer:08d}"


def write_warm_up(path, customers):
    """One message of each customer, up to a hundred a webhook."""
    now = int(time.time())
    with open(path, "wb") as file:
        for first in range(0, customers, 100):
            file.write(record([
                (-1 - customer, customer, TEXTS[customer % 1000])
                for customer in range(first, min(first + 100, customers))], now))


def write_requests(path, count, messages, customers):
    """`count` webhooks of `messages` messages each, from customers at random, each once in a webhook."""
    now = int(time.time())
    with open(path, "wb") as file:
        for number in range(count):
            senders = RANDOM.sample(range(customers), messages) if messages > 1 else [RANDOM.randrange(customers)]
            file.write(record([
                (number * messages + place, sender, TEXTS[RANDOM.randrange(1000)])
                for place, sender in enumerate(senders)], now))


def write_texts(path, texts, customers):
    """These texts, a hundred a webhook, from one customer after the other."""
    now = int(time.time())
    with open(path, "wb") as file:
        for first in range(0, len(texts), 100):
            file.write(record([
                (first + place, (first + place) % customers, text)
                for place, text in enumerate(texts[first:first + 100])], now))


def record(messages, timestamp):
    content = body(messages, timestamp)
    signature = hmac.digest(APP_SECRET.encode(), content, hashlib.sha256).hex()
    request = (
        f"POST /whatsapp/webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: facebookexternalua\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\nX-Hub-Signature-256: sha256={signature}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n").encode() + content
    return struct.pack("<I", len(request)) + request


def body(messages, timestamp):
    """
    :param messages: (number, customer, text) each
    """
    contacts = ",".join(
        '{"profile":{"name":"Customer ' + str(customer) + '"},"wa_id":"' + customer_phone(customer) + '"}'
        for _, customer, _ in messages)
    texts = ",".join(
        '{"from":"' + customer_phone(customer) + '","id":"' + wamid(number) + '","timestamp":"' + str(timestamp)
        + '","text":{"body":"' + text + '"},"type":"text"}' for number, customer, text in messages)
    return (
        '{"object":"whatsapp_business_account","entry":[{"id":"' + BUSINESS_ACCOUNT_ID + '","changes":[{"value":'
        '{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550200001","phone_number_id":"'
        + PHONE_NUMBER_ID + '"},"contacts":[' + contacts + '],"messages":[' + texts
        + ']},"field":"messages"}]}]}').encode()
