"""pgbench committing the rows that a text message leaves: a raw event, the message in both tables, the room's
counters. Everything stands in one statement, so a transaction is one round trip: the fastest way there is to commit
these rows one message at a time."""

import os
import re
import subprocess

from webhook_requests import APP_SECRET, BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID, body, customer_phone


def run(postgres, clients, batch, options, folder):
    """
    :param batch: messages in one transaction; with more than one, each client writes to rooms of its own.
    """
    with postgres.database("pgbench") as database:
        migrate(database, folder)
        prepare(postgres, database, options.customers)
        script = folder / "pgbench.sql"
        script.write_text(single(options.customers) if batch == 1 else batches(options.customers, clients, batch))
        log = folder / "pgbench-log"
        for old in folder.glob("pgbench-log*"):
            old.unlink()
        command = [
            f"{postgres.folder}/pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}",
            f"--jobs={min(clients, 2)}", f"--time={options.seconds}", f"--file={script}", "--log",
            f"--log-prefix={log}", database.name,
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0 or not re.search(r"failed transactions: 0 ", done.stdout):
            raise SystemExit(f"pgbench failed: {done.stderr.strip()}\n{done.stdout}")
        transactions = int(re.search(r"actually processed: (\d+)", done.stdout)[1])
        rate = float(re.search(r"tps = ([\d.]+) \(without", done.stdout)[1])
        times = latencies(folder)
        counts = {
            int(postgres.query(database.name, f"SELECT count(*) FROM {table}")[0])
            for table in ("webhook_events", "whatsapp_messages", "chat_messages")}
        if counts != {transactions * batch} or len(times) != transactions:
            raise SystemExit(f"pgbench committed {transactions} transactions of {batch}, the tables hold {counts}")
    return {
        "name": "pgbench", "connections": clients, "batch": batch, "perSecond": rate * batch,
        "p50": quantile(times, 0.5), "p99": quantile(times, 0.99), "rows": transactions * batch,
        "raw": {"transactions": transactions, "tps": rate},
    }


def migrate(database, folder):
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "DATABASE_URL": database.url, "DATA_DIR": str(folder / "data"),
        "UPLOADS_DIR": str(folder / "uploads"), "WHATSAPP_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
        "WHATSAPP_BUSINESS_ACCOUNT_ID": BUSINESS_ACCOUNT_ID, "WHATSAPP_APP_SECRET": APP_SECRET,
    }
    done = subprocess.run(
        [os.environ["BENCH_PROGRAM"], "migrate"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"vestibule migrate failed: {done.stdout.strip()}")


def prepare(postgres, database, customers):
    """The account, and a contact and a room for each customer, as the gateway's warm-up leaves them."""
    postgres.query(
        database.name,
        f"""
        INSERT INTO tenant_whatsapp_config (account_id, tenant_id, phone_number_id, created_at, updated_at)
        VALUES ('default', 'default', '{PHONE_NUMBER_ID}', 0, 0) ON CONFLICT DO NOTHING;
        INSERT INTO contacts (contact_id, account_id, phone_number, wa_id, name, created_at, updated_at)
        SELECT 'contact-' || n, 'default', '+' || {PHONE}, {PHONE}, 'Customer ' || n, 0, 0
        FROM generate_series(0, {customers - 1}) AS n;
        INSERT INTO contact_aliases (account_id, kind, value, contact_id, created_at)
        SELECT 'default', 'phone', {PHONE}, 'contact-' || n, 0 FROM generate_series(0, {customers - 1}) AS n;
        INSERT INTO rooms (room_name, account_id, contact_id, title, channel, department, private, phone_number,
            created_at, updated_at)
        SELECT {ROOM}, 'default', 'contact-' || n, 'WhatsApp: +' || {PHONE}, 'Customer', 'Customer Service', TRUE,
            '+' || {PHONE}, 0, 0 FROM generate_series(0, {customers - 1}) AS n;
        VACUUM ANALYZE;
        """)


# SQL for customer number n.
PHONE = f"'{customer_phone(0)[:5]}' || lpad(n::text, 8, '0')"
ROOM = f"'whatsapp_{customer_phone(0)[:5]}' || lpad(n::text, 8, '0')"
# Ids that grow with time, as the gateway's do, and a WhatsApp id of the usual length.
ID = "to_char((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, 'FM00000000000000000') || md5(random()::text)"
WAMID = "'wamid.HBgL' || substr(md5(random()::text) || md5(random()::text), 1, 46) || '=='"
TEXT = "hello where is my parcel please the order number is still waiting"
# A body of the usual length that differs from every other, since raw events are kept once.
BODY = f"""convert_to('{body(0, 0, TEXT, 1)[:-40].decode()}' || md5(random()::text) || '12345678', 'UTF8')"""


def statement(rooms):
    """
    :param rooms: a table expression of room_name, from which each row becomes a message.
    """
    columns = (
        "message_id, account_id, whatsapp_message_id, phone_number, room_name, contact_id, sequence, direction, type, "
        "status, text, media_type, timestamp, delivered_at, created_at, updated_at, expires_at")
    return f"""
WITH room AS (
    UPDATE rooms SET last_sequence = rooms.last_sequence + 1, unread_count = rooms.unread_count + 1,
        last_message_at = fresh.now, last_inbound_at = fresh.now, updated_at = fresh.now
    FROM (SELECT room_name, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now FROM {rooms}) AS fresh
    WHERE rooms.room_name = fresh.room_name
    RETURNING rooms.room_name, contact_id, phone_number, last_sequence, now
), message AS (
    SELECT {ID} AS message_id, 'default', {WAMID} AS whatsapp_message_id, phone_number, room_name, contact_id,
        last_sequence, 'incoming', 'text', 'delivered', '{TEXT}', 'text', now, now, now AS created_at, now,
        now + 157680000000
    FROM room
), network AS (
    INSERT INTO whatsapp_messages ({columns}) SELECT * FROM message
), chat AS (
    INSERT INTO chat_messages ({columns}) SELECT * FROM message
), event AS (
    SELECT {ID} AS id, {BODY} AS body, created_at FROM message
)
INSERT INTO webhook_events (event_id, body_sha256, body, received_at, state, items)
SELECT id, encode(sha256(body), 'hex'), body, created_at, 'processed', 1 FROM event;
""".replace("\n    ", " ").replace("\n", " ").strip() + "\n"


def single(customers):
    rooms = f"(SELECT {ROOM.replace('n::text', '(:customer)::text')} AS room_name) AS r"
    return f"\\set customer random(0, {customers - 1})\n" + statement(rooms)


def batches(customers, clients, batch):
    """Rooms are dealt out to the clients, so that no two wait for, or deadlock on, the same ones."""
    share = customers // clients
    number = f":client_id * {share} + (:first + n) % {share}"
    room = ROOM.replace("n::text", f"({number})::text")
    rooms = f"(SELECT {room} AS room_name FROM generate_series(0, {batch - 1}) AS n) AS r"
    return f"\\set first random(0, {share - 1})\n" + statement(rooms)


def latencies(folder):
    """In ms, sorted: the third column of pgbench's logs is µs."""
    times = []
    for path in folder.glob("pgbench-log*"):
        with open(path) as file:
            times.extend(int(line.split()[2]) / 1000 for line in file)
    return sorted(times)


def quantile(values, q):
    return round(values[min(int(q * len(values)), len(values) - 1)], 3)
