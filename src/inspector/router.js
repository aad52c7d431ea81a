// Places in the page: `#/view/part/part?name=value`. Each place is a link that others can open.

/** The session that views show unless their place names one. */
let current = sessionStorage.getItem('session') ?? 'default';

/** @type {Set<(place: Place) => void>} */
const listeners = new Set();

/** The place of this moment. @returns {Place} */
export function place() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?', 2);
  const parts = (path ?? '').split('/').filter(Boolean).map(decode);
  return { view: parts[0] ?? 'requests', path: parts.slice(1), query: new URLSearchParams(query ?? '') };
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The link to a place. @param {string} view @param {(string | number)[]} [path] @param {Record<string, string>} [query] */
export function href(view, path = [], query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  const suffix = given.length > 0 ? `?${new URLSearchParams(given)}` : '';
  return `#/${[view, ...path].map(part => encodeURIComponent(part)).join('/')}${suffix}`;
}

/** Goes to a place. `replace` leaves no entry in the history. @param {string} target @param {boolean} [replace] */
export function go(target, replace = false) {
  if (target === location.hash) return;
  if (replace) history.replaceState(null, '', target);
  else history.pushState(null, '', target);
  changed();
}

/** @param {(place: Place) => void} listener */
export const onPlace = listener => listeners.add(listener);

/** Calls the listeners. */
export function changed() {
  const shown = place();
  for (const listener of listeners) listener(shown);
}

window.addEventListener('hashchange', changed);
window.addEventListener('popstate', changed);

/** The session that is shown. */
export const session = () => current;

/** Selects the session to show. @param {string} id */
export function selectSession(id) {
  current = id;
  sessionStorage.setItem('session', id);
}
