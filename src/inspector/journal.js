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
/** @type {{own?: string, position: number}} The last event. */
let last = { position: 0 };
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

/** Begins to read the journal. */
export async function connect() {
  try {
    await get('/info');
  } catch (error) {
    setState(error instanceof ApiError && error.status === 401 ? 'denied' : 'lost');
    setTimeout(connect, 500);
    return;
  }
  source?.close();
  const opened = new EventSource('/events');
  source = opened;
  // The browser reconnects with the id of the last event. The server sends what follows, also after a restart.
  opened.addEventListener('open', () => {
    // Another process may serve another API.
    if (state !== 'connecting') forget();
    setState('live');
  });
  opened.addEventListener('error', () => {
    setState('lost');
    if (opened.readyState === EventSource.CLOSED && source === opened) setTimeout(connect, 500);
  });
  opened.addEventListener('request', event => add(event, requestRow));
  opened.addEventListener('clock', event => add(event, clockRow));
}

/** @param {Connection} value */
function setState(value) {
  if (state === value) return;
  state = value;
  for (const listener of stateListeners) listener();
}

/** Adds the row of an event, unless it was there before: a new connection begins with the first one.
 * @param {MessageEvent} event @param {(data: string) => Row} rowFor */
function add({ lastEventId, data }, rowFor) {
  const [position = '', own] = lastEventId.split('-');
  if (own === last.own && +position <= last.position) return;
  last = { own, position: +position };
  const row = rowFor(data);
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
