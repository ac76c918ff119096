"""pgbench committing the rows that text messages leave: the raw event, the message in both tables, two rows of the
outbox, the room's counters."""

import os
import re
import subprocess

import statements
from webhook_requests import APP_SECRET, BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID, TEXTS, body, customer_phone

TABLES = {"webhook_events": 1, "whatsapp_messages": 1, "chat_messages": 1, "mirror_outbox": 2}


def batches(postgres, options, folder, clients=2, size=64):
    """One statement a transaction, over the columns that a batch brings, unnested: the fastest way there is. Each
    client writes to rooms of its own, so that no two wait for one another."""
    share = options.customers // clients
    script = f"\\set first :client_id * {share} + random(0, {share - size})\n" + batch_statement(size)
    return run(postgres, options, folder, "batches", script, clients, size)


def same_statements(postgres, captured, options, folder, clients=1, rate=0):
    """What the gateway sends for one message, one statement after another. At a rate, a transaction's time counts from
    when it fell due; how many that is in a second varies, as it does among customers."""
    script = statements.script(captured, options.customers)
    kind = f"same statements, {rate:,} a second" if rate else "same statements"
    return run(postgres, options, folder, kind, script, clients, size=1, rate=rate)


def run(postgres, options, folder, kind, text, clients, size, rate=0):
    with postgres.database("pgbench") as database:
        migrate(database, folder)
        prepare(postgres, database, options.customers)
        script = folder / "pgbench.sql"
        script.write_text(text)
        log = folder / "pgbench-log"
        for old in folder.glob("pgbench-log*"):
            old.unlink()
        command = [
            f"{postgres.folder}/pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}",
            f"--jobs={clients}", f"--time={options.seconds}", f"--file={script}", "--define=count=0", "--log",
            f"--log-prefix={log}", *([f"--rate={rate}"] if rate else []), database.name,
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0 or not re.search(r"failed transactions: 0 ", done.stdout):
            raise SystemExit(f"pgbench failed: {done.stderr.strip()}\n{done.stdout}")
        transactions = int(re.search(r"actually processed: (\d+)", done.stdout)[1])
        rate = float(re.search(r"tps = ([\d.]+) \(without", done.stdout)[1])
        times = latencies(folder)
        for table, rows in TABLES.items():
            count = int(postgres.query(database.name, f"SELECT count(*) FROM {table}")[0])
            if count != transactions * size * rows or len(times) != transactions:
                raise SystemExit(f"pgbench committed {transactions} transactions of {size}, {table} holds {count}")
    return {
        "name": "pgbench", "kind": kind, "perSecond": rate * size, "p50": quantile(times, 0.5),
        "p99": quantile(times, 0.99), "raw": {"transactions": transactions, "tps": rate},
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


def batch_statement(size):
    """Raw events are kept once: an id at its end makes each body another."""
    texts = TEXTS[:size]
    bodies = [body([(n, n, text)], 1_700_000_000).decode() for n, text in enumerate(texts)]
    fresh = f"unnest('{array(range(size))}'::bigint[], '{array(texts)}'::text[], '{array(bodies)}'::text[])"
    columns = (
        "message_id, account_id, whatsapp_message_id, phone_number, room_name, contact_id, sequence, direction, type, "
        "status, text, timestamp, delivered_at, created_at, updated_at, expires_at")
    return f"""
WITH fresh AS (
    SELECT {ROOM.replace('n::text', '(:first + n)::text')} AS room_name, text, body, {ID} AS id,
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now
    FROM {fresh} AS r(n, text, body)
), room AS (
    UPDATE rooms SET last_sequence = rooms.last_sequence + 1, unread_count = rooms.unread_count + 1,
        last_message_at = fresh.now, last_inbound_at = fresh.now, updated_at = fresh.now
    FROM fresh WHERE rooms.room_name = fresh.room_name
    RETURNING rooms.room_name, contact_id, phone_number, last_sequence, id, text, body, now
), message AS (
    SELECT id, 'default', {WAMID} AS whatsapp_message_id, phone_number, room_name, contact_id,
        last_sequence, 'incoming', 'text', 'delivered', text, now, now, now AS created_at, now, now + 157680000000
    FROM room
), network AS (
    INSERT INTO whatsapp_messages ({columns}) SELECT * FROM message
), chat AS (
    INSERT INTO chat_messages ({columns}) SELECT * FROM message
), outbox AS (
    INSERT INTO mirror_outbox (collection, message_id, queued_at)
    SELECT collection, id, now FROM room CROSS JOIN unnest('{{whatsappMessages,chatMessages}}'::text[]) AS collection
), event AS (
    SELECT {ID} AS id, convert_to(body || id, 'UTF8') AS body, now FROM room
)
INSERT INTO webhook_events (event_id, body_sha256, body, received_at, state, items)
SELECT id, encode(sha256(body), 'hex'), body, now, 'processed', 1 FROM event;
""".replace("\n    ", " ").replace("\n", " ").strip() + "\n"


def array(values):
    """As a PostgreSQL array literal within quotes. A colon before a word would be a variable of pgbench's."""
    quoted = ('"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return "{" + ",".join(quoted).replace("'", "''") + "}"


def latencies(folder):
    """In ms, sorted: the third column of pgbench's logs is µs."""
    times = []
    for path in folder.glob("pgbench-log*"):
        with open(path) as file:
            times.extend(int(line.split()[2]) / 1000 for line in file)
    return sorted(times)


def quantile(values, q):
    return round(values[min(int(q * len(values)), len(values) - 1)], 3)
