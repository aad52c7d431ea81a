// The requests of all sessions, as the server sends them.
import { ApiError, forget, get, parseJson } from './api.js';

/** The maximum number of rows, and of characters of their entries. */
const MAX_ROWS = 10_000;
const MAX_CHARACTERS = 64_000_000;

/** @type {Row[]} The rows, oldest first. */
let rows = [];
let characters = 0;
let lastKey = 0;
/** @type {EventSource | null} */
let source = null;
/** @type {string | null} */
let instance = null;
/** @typedef {'connecting' | 'live' | 'lost' | 'denied'} Connection */
/** @type {Connection} */
let state = 'connecting';
/** @type {Row[]} Rows that listeners do not know yet. */
let added = [];
let isDropped = false;
let isScheduled = false;
/** @type {Set<(added: Row[], isDropped: boolean) => void>} */
const listeners = new Set();
/** @type {Set<() => void>} */
const stateListeners = new Set();

export const all = () => rows;
export const connection = () => state;

/** Calls a function, at most once a frame, with new rows and whether others were dropped. Returns what ends that.
 * @param {(added: Row[], isDropped: boolean) => void} listener */
export function onRows(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param {() => void} listener */
export function onState(listener) {
  stateListeners.add(listener);
  return () => stateListeners.delete(listener);
}

/** The row of a request. @param {string} session @param {number} seq */
export function find(session, seq) {
  for (let place = rows.length - 1; place >= 0; place -= 1) {
    const row = rows[place];
    if (row && row.session === session && row.seq === seq) return row;
  }
  return undefined;
}

/** The next request of a session, such as one that was just sent. @param {string} session @param {string} method */
export function next(session, method) {
  return /** @type {Promise<Row | undefined>} */ (new Promise(resolve => {
    const timer = setTimeout(() => end(undefined), 3000);
    const stop = onRows(list => {
      const row = list.find(one => one.session === session && one.method === method);
      if (row) end(row);
    });
    /** @param {Row | undefined} row */
    function end(row) {
      clearTimeout(timer);
      stop();
      resolve(row);
    }
  }));
}

/** The entry of a row. @param {Row} row @returns {Entry & ClockEvent} */
export const entry = row => parseJson(row.raw);

/** The row of a request that the list does not have. @param {Entry} shown */
export const rowOf = shown => requestRow(JSON.stringify(shown));

/** Removes rows: of a session, or all. @param {string} [session] */
export function clear(session) {
  rows = session === undefined ? [] : rows.filter(row => row.session !== session);
  characters = rows.reduce((sum, row) => sum + row.raw.length, 0);
  isDropped = true;
  schedule();
}

/** Begins to read the journal. @param {Info} [known] */
export async function connect(known) {
  let isDenied = false;
  const info = known ?? await get('/info').catch(error => {
    isDenied = error instanceof ApiError && error.status === 401;
    return null;
  });
  if (!info) {
    setState(isDenied ? 'denied' : 'lost');
    setTimeout(() => connect(), 500);
    return;
  }
  if (instance !== null && instance !== info.instance) forget();
  instance = info.instance;
  source?.close();
  const opened = new EventSource('/events');
  source = opened;
  let wasLost = false;
  opened.addEventListener('open', async () => {
    // The browser reconnects with the id of the last event, which another process does not know.
    if (wasLost) {
      const now = await get('/info').catch(() => null);
      if (now && now.instance !== instance && source === opened) {
        connect(now);
        return;
      }
    }
    wasLost = false;
    setState('live');
  });
  opened.addEventListener('error', () => {
    wasLost = true;
    setState('lost');
    if (opened.readyState === EventSource.CLOSED && source === opened) setTimeout(() => connect(), 500);
  });
  opened.addEventListener('request', event => { if (!wasLost) add(requestRow(event.data)); });
  opened.addEventListener('clock', event => { if (!wasLost) add(clockRow(event.data)); });
}

/** @param {Connection} value */
function setState(value) {
  if (state === value) return;
  state = value;
  for (const listener of stateListeners) listener();
}

/** @param {Row} row */
function add(row) {
  rows.push(row);
  added.push(row);
  characters += row.raw.length;
  if (rows.length > MAX_ROWS || characters > MAX_CHARACTERS) drop();
  schedule();
}

/** Drops the oldest rows, a tenth at once. */
function drop() {
  const removed = rows.splice(0, Math.max(1, Math.ceil(rows.length / 10)));
  characters -= removed.reduce((sum, row) => sum + row.raw.length, 0);
  isDropped = true;
}

function schedule() {
  if (isScheduled) return;
  isScheduled = true;
  // A page in the background draws no frames.
  const soon = document.hidden ? (/** @type {() => void} */ work) => setTimeout(work, 250) : requestAnimationFrame;
  soon(() => {
    isScheduled = false;
    const [list, hasDropped] = [added, isDropped];
    [added, isDropped] = [[], false];
    for (const listener of [...listeners]) listener(list, hasDropped);
  });
}

/** @param {string} raw @returns {Row} */
function requestRow(raw) {
  const { seq, session, at, ms, method, path, operation, status, caller, quirks, faults, error } = /** @type {Entry} */ (JSON.parse(raw));
  const because = error ? [error.code + (error.pointer ? ` ${error.pointer}` : '')] : [];
  const reason = [...faults, ...because, ...quirks].join(', ');
  const tone = faults.length > 0 ? 'fault' : error ? 'error' : quirks.length > 0 ? 'quirk' : '';
  lastKey += 1;
  return { key: lastKey, seq, session, at, ms, method, path, operation: operation ?? '', status, caller, quirks, faults, reason, tone, isEvent: false, raw };
}

/** @param {string} raw @returns {Row} */
function clockRow(raw) {
  const { seq, session, at, event, kind, id } = /** @type {ClockEvent} */ (JSON.parse(raw));
  lastKey += 1;
  return { key: lastKey, seq, session, at, ms: null, method: 'CLOCK', path: `${kind} ${id}`, operation: '', status: 0, caller: '', quirks: [], faults: [], reason: event, tone: 'clock', isEvent: true, raw };
}
