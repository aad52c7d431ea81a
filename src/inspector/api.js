// The control API.

/** An error of the control API: what is wrong, and where in the request. */
export class ApiError extends Error {
  /** @param {number} status @param {Json} problem */
  constructor(status, problem) {
    const errors = (problem?.errors ?? []).map((/** @type {Json} */ error) => `${error.pointer || '/'}: ${error.detail}`);
    super(errors.length > 0 ? errors.join('\n') : problem?.detail ?? `the control API responded with ${status}`);
    this.status = status;
    /** @type {{pointer: string, detail: string}[]} */
    this.errors = problem?.errors ?? [];
  }
}

/** Whether a value is a number with more digits than JavaScript has, as it was written. @param {Json} value @returns {boolean} */
export const isExact = value => /** @type {any} */ (JSON).isRawJSON?.(value) ?? false;

/** Reads JSON. Numbers keep all their digits where the browser can do that. @param {string} text @returns {Json} */
export function parseJson(text) {
  const { rawJSON } = /** @type {any} */ (JSON);
  if (!rawJSON) return JSON.parse(text);
  const exact = (/** @type {string} */ _, /** @type {Json} */ value, /** @type {{source?: string}} */ context) =>
    typeof value === 'number' && (context.source?.length ?? 0) > 15 && String(value) !== context.source ? rawJSON(context.source) : value;
  return JSON.parse(text, /** @type {any} */ (exact));
}

/** Sends a request. @param {string} method @param {string} path @param {Json} [body] @returns {Promise<Json>} */
export async function call(method, path, body) {
  const headers = body === undefined ? undefined : { 'content-type': 'application/json' };
  const content = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(path, { method, headers, body: content, cache: 'no-store' });
  const text = await response.text();
  const value = text && response.headers.get('content-type')?.includes('json') ? parseJson(text) : text;
  if (!response.ok) throw new ApiError(response.status, value);
  return value;
}

/** @param {string} path */
export const get = path => call('GET', path);

/** A path below a session. @param {string} session @param {string[]} path */
export const below = (session, ...path) => ['/sessions', session, ...path].map((part, place) => place === 0 ? part : encodeURIComponent(part)).join('/');

/** The snapshot of a session that exists for that only. @param {Json} options what `POST /sessions` takes */
export async function snapshotOf(options) {
  const { id } = await call('POST', '/sessions', options);
  try {
    return await get(below(id, 'snapshot'));
  } finally {
    await call('DELETE', below(id));
  }
}

/** @param {string} session @param {Outgoing} outgoing @returns {Promise<Sent>} */
export const send = (session, outgoing) => call('POST', below(session, 'send'), outgoing);

/** Values that hardly change, by their path. @type {Map<string, Promise<Json>>} */
const cached = new Map();

/** The response to a GET request, which is sent once. @param {string} path @returns {Promise<Json>} */
export function getOnce(path) {
  let value = cached.get(path);
  if (!value) {
    value = get(path);
    cached.set(path, value);
    value.catch(() => cached.delete(path));
  }
  return value;
}

/** Forgets what was read once: the server was restarted. */
export const forget = () => cached.clear();

/** @returns {Promise<Info>} */
export const info = () => getOnce('/info');

/** The quirks by id. @returns {Promise<Map<string, Quirk>>} */
export async function quirks() {
  const { quirks: list } = await getOnce('/quirks');
  return new Map(list.map((/** @type {Quirk} */ quirk) => [quirk.id, quirk]));
}

/** The operations with what was requested so far. @returns {Promise<Operation[]>} */
export const operations = async () => (await get('/operations')).operations;

/** The tokens of a session. @param {string} session @returns {Promise<Token[]>} */
export async function tokens(session) {
  try {
    return (await get(below(session, 'tokens'))).tokens;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
}

/** The base URL of the API as this browser reaches it. */
export async function apiUrl() {
  const url = new URL((await info()).url ?? location.origin);
  if (['0.0.0.0', '[::]'].includes(url.hostname)) url.hostname = location.hostname;
  return url.origin;
}
