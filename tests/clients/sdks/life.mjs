// Checks that the drivers in JavaScript share, as life.py does for Python.

export function expect(what, found, expected) {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) {
    console.error(`${what}: ${one} instead of ${other}`);
    process.exit(1);
  }
}

// The value at a path such as `user.login`.
const value = (record, path) => path.split('.').reduce((holder, name) => holder?.[name], record);

export function expectValues(what, record, values) {
  for (const [path, expected] of Object.entries(values)) expect(`${what}: ${path}`, value(record, path), expected);
}

// Calls, and checks that this throws an error of that name with that status. Returns the error.
export async function expectError(what, name, status, call) {
  try {
    await call();
  } catch (error) {
    expect(`${what}: error`, [error.name, error.status], [name, status]);
    return error;
  }
  console.error(`${what}: no error`);
  process.exit(1);
}

// Leads a record through its whole life; see live in life.py. Without `remove` the record stays.
export async function live(kind, {id, create, read, list, update, remove, sent, changed, gone}) {
  const made = await create();
  const key = value(made, id);
  const listed = async () => (await list()).filter(record => value(record, id) === key);
  expectValues(`${kind}, created`, made, sent);
  expectValues(`${kind}, read`, await read(key), {[id]: key, ...sent});
  expect(`${kind}: how often it is listed`, (await listed()).length, 1);
  expectValues(`${kind}, listed`, (await listed())[0], sent);
  const now = {...sent, ...changed};
  expectValues(`${kind}, updated`, await update(key), now);
  const newKey = value(now, id) ?? key;
  expectValues(`${kind}, read after the update`, await read(newKey), now);
  if (remove) {
    await remove(newKey);
    await gone(() => read(newKey));
    expect(`${kind}: listed after the deletion`, await listed(), []);
  }
  console.log(`${kind}: created, read, listed, updated${remove ? ', deleted' : ''}`);
}
