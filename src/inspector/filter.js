// The filter of requests: `method:POST status:4xx path:/v1/* session:a quirk:x fault:* operation:… token:staff text`.

/** What a filter can name, and an example of each. @type {Record<string, string>} */
export const NAMES = {
  method: 'method:POST', status: 'status:4xx', path: 'path:/v1/*', session: 'session:a', quirk: 'quirk:*',
  fault: 'fault:*', operation: 'operation:*orders*', token: 'token:staff', reason: 'reason:missing',
};

/** Reads a filter. @param {string} text @returns {{matches: (row: Row) => boolean, unknown: string[]}} */
export function parse(text) {
  /** @type {((row: Row) => boolean)[]} */
  const tests = [];
  /** @type {string[]} */
  const unknown = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const isNegated = word.length > 1 && word.startsWith('-');
    const [name, ...rest] = (isNegated ? word.slice(1) : word).split(':');
    const value = rest.join(':');
    const key = (name ?? '').toLowerCase();
    const isNamed = rest.length > 0 && /^[a-z]+$/.test(key);
    if (isNamed && !(key in NAMES)) {
      unknown.push(name ?? '');
      continue;
    }
    if (isNamed && value === '') continue;
    const test = isNamed ? named(key, value) : anywhere((isNegated ? word.slice(1) : word).toLowerCase());
    tests.push(isNegated ? row => !test(row) : test);
  }
  return { matches: row => tests.every(test => test(row)), unknown };
}

/** @param {string} name @param {string} value @returns {(row: Row) => boolean} */
function named(name, value) {
  const matches = pattern(value, name === 'status');
  switch (name) {
    case 'status': return row => !row.isEvent && matches(String(row.status));
    case 'quirk': return row => row.quirks.some(matches);
    case 'fault': return row => row.faults.some(matches);
    case 'token': return row => matches(row.caller);
    case 'method': case 'path': case 'session': case 'operation': case 'reason': return row => matches(row[name]);
    default: return () => true;
  }
}

/** @param {string} text @returns {(row: Row) => boolean} */
const anywhere = text => row =>
  `${row.method} ${row.path} ${row.operation} ${row.reason} ${row.session}`.toLowerCase().includes(text);

/** A pattern with `*`, of a status also with `x`. Several are separated by commas.
 * @param {string} text @param {boolean} isStatus @returns {(value: string) => boolean} */
function pattern(text, isStatus) {
  const source = text.split(',').filter(Boolean).map(one => {
    const escaped = one.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*');
    return isStatus ? escaped.replace(/x/gi, '\\d') : escaped;
  });
  const expression = new RegExp(`^(?:${source.join('|')})$`, 'i');
  return value => expression.test(value);
}
