"""The statements that the gateway sends for one message, taken from PostgreSQL's own log, as a script for pgbench."""

import re

from webhook_requests import customer_phone

LINE = re.compile(r"^\d{4}-\d\d-\d\d [^\[]*\[(\d+)\] (\w+):  (.*)", re.DOTALL)
EXECUTED = re.compile(r"^execute [^:]*: (.*)", re.DOTALL)
PARAMETER = re.compile(r"\$(\d+) = ('(?:[^']|'')*'|NULL)")
ROWS = re.compile(r"AS r\(([^)]*)\)")

# What differs from message to message, by the name of the column. pgbench numbers the messages in :number.
MESSAGE_ID = "'0193fe00-0000-7000-8000-' || lpad(:number::text, 12, '0')"
WAMID = "'wamid.HBgLBENCHM' || lpad(:number::text, 42, '0') || '=='"
DIGEST = "md5(:number::text) || md5((:number + 1)::text)"
PHONE = f"'{customer_phone(0)[:5]}' || lpad(:customer::text, 8, '0')"
SEQUENCE = ":last_sequence::bigint + 1"
VARYING = {
    "value": PHONE, "phone_number": f"'+' || {PHONE}", "room_name": ":room_name", "name": ":room_name",
    "contact_id": ":contact_id", "sequence": SEQUENCE, "last_sequence": SEQUENCE, "key": WAMID,
    "whatsapp_message_id": WAMID, "message_id": MESSAGE_ID, "digest": DIGEST,
}


def last_transaction(log):
    """The newest committed transaction in the server's log that stored a webhook: (statement, parameters) each."""
    open_transactions, found = {}, None
    for process, level, text in entries(log):
        statements = open_transactions.setdefault(process, [])
        executed = EXECUTED.match(text)
        if level == "LOG" and executed:
            sql = executed[1].strip()
            if sql.startswith("BEGIN"):
                statements.clear()
            statements.append((sql, {}))
            if sql == "COMMIT" and any("INTO webhook_events" in sql for sql, _ in statements):
                found = list(statements)
        elif level == "DETAIL" and text.startswith("parameters:") and statements:
            statements[-1][1].update((int(number), value) for number, value in PARAMETER.findall(text))
    if not found:
        raise SystemExit("PostgreSQL's log shows no transaction that stored a webhook")
    return found


def entries(log):
    entry = None
    for line in log.read_text(errors="replace").splitlines():
        start = LINE.match(line)
        if start:
            if entry:
                yield entry
            entry = start.groups()
        elif entry:
            entry = (*entry[:2], entry[2] + "\n" + line)
    if entry:
        yield entry


def script(transaction, customers):
    lines = [
        "\\set count :count + 1", "\\set number :client_id * 100000000 + :count",
        f"\\set customer random(0, {customers - 1})",
    ]
    for sql, parameters in transaction:
        # Only now and then.
        if sql.startswith("DISCARD"):
            continue
        columns = ROWS.search(sql)
        names = [name.strip(' "') for name in columns[1].split(",")] if columns else []
        values = {
            number: varied(names[number - 1], value, sql) if number <= len(names) else value
            for number, value in parameters.items()}
        text = re.sub(r"\$(\d+)", lambda match: values[int(match[1])], sql)
        # pgbench takes what these two give for its variables.
        is_asked = "contact_aliases" in text or re.search("FOR (NO KEY )?UPDATE", text)
        lines.append(" ".join(text.split()) + (" \\gset" if is_asked else ";"))
    return "\n".join(lines) + "\n"


def varied(column, value, sql):
    """One column of the rows: an array, of as many elements as the gateway sent."""
    count = value.count(",") + 1
    if "INTO webhook_events" in sql and column == "body":
        content = re.search(r"x([0-9a-f]+)", value)[1]
        return f"ARRAY[decode('{content}', 'hex') || convert_to(:number::text, 'UTF8')]"
    if column == "id":
        expression = MESSAGE_ID if "INTO webhook_events" in sql else WAMID
    else:
        expression = VARYING.get(column)
    return f"ARRAY[{', '.join([expression] * count)}]" if expression else value
