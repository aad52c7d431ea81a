"""Checks that the drivers of the SDKs share: the whole life of a record, all pages of a list, and typed errors."""

import sys


def expect(what, found, expected):
    """Ends the program if a value is not the expected one."""
    if found != expected:
        sys.exit(f"{what}: {found!r} instead of {expected!r}")


def value(record, path):
    """The value at a path such as `metadata.name` in an object of an SDK, or in the dictionaries inside it."""
    for name in path.split("."):
        try:
            record = record[int(name) if isinstance(record, list) else name]
        except (KeyError, TypeError):
            record = getattr(record, name)
    return record


def expect_values(what, record, values):
    for path, expected in values.items():
        expect(f"{what}: {path}", value(record, path), expected)


def expect_error(what, error, call, **values):
    """Calls, and checks that this raises an error of exactly that type with those values. Returns the error."""
    try:
        call()
    except Exception as raised:  # The type is what is checked.
        expect(f"{what}: type of the error", type(raised), error)
        expect_values(f"{what}: error", raised, values)
        return raised
    sys.exit(f"{what}: no error")


def live(kind, *, id, create, read, list, update=None, delete, sent, changed=None, gone):
    """Leads a record through its whole life.

    `id` is the path of its id. `create()` must show the values in `sent`, `update(id)` those in `changed`; what an update
    does not name stays. `read(id)`, `list()` and `delete(id)` are the other calls. After the deletion, `gone(call)` must
    hold for reading it.
    """
    made = create()
    key = value(made, id)
    expect_values(f"{kind}, created", made, sent)
    expect_values(f"{kind}, read", read(key), {id: key, **sent})
    listed = [record for record in list() if value(record, id) == key]
    expect(f"{kind}: how often it is listed", len(listed), 1)
    expect_values(f"{kind}, listed", listed[0], sent)
    if update:
        now = {**sent, **changed}
        expect_values(f"{kind}, updated", update(key), now)
        expect_values(f"{kind}, read after the update", read(key), {id: key, **now})
    delete(key)
    gone(lambda: read(key))
    expect(f"{kind}: listed after the deletion", [key for record in list() if value(record, id) == key], [])
    print(f"{kind}: created, read, listed, {'updated, ' if update else ''}deleted")


def page_through(kind, *, id, create, list, count):
    """Creates `count` records and checks that the SDK yields each of them once."""
    made = [value(create(number), id) for number in range(count)]
    seen = []
    for record in list():
        seen.append(value(record, id))
        if len(seen) > 10 * count:
            sys.exit(f"{kind}: the pages do not end")
    expect(f"{kind}: records on all pages", sorted(key for key in seen if key in made), sorted(made))
    expect(f"{kind}: records on several pages", len(seen), len(set(seen)))
    print(f"{kind}: {count} records on pages")
