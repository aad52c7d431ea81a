// A form that sends a request through the control API: to try an operation, or to send a request again after changes.
import { get, send, tokens } from './api.js';
import { button, field, fill, guarded, h, link, select } from './dom.js';
import { next } from './journal.js';
import { jsonView } from './json_view.js';
import { href } from './router.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** @param {Record<string, string>} headers */
const headerLines = headers => Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join('\n');

/** Headers of lines `name: value`. @param {string} text @returns {Record<string, string>} */
function readHeaders(text) {
  const lines = text.split('\n').map(line => line.trim()).filter(Boolean);
  return Object.fromEntries(lines.map(line => {
    const at = line.indexOf(':');
    if (at < 1) throw new Error(`Header \`${line}\`: write \`name: value\``);
    return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
  }));
}

/** @param {string} id @param {Outgoing} outgoing the request at the beginning */
export function requestEditor(id, outgoing) {
  const methods = [...new Set([...METHODS, outgoing.method])].map(method => /** @type {[string, string]} */ ([method, method]));
  const method = select(methods, outgoing.method, { 'aria-label': 'Method' });
  const path = h('input', { type: 'text', value: outgoing.path, class: 'mono', spellcheck: 'false', 'aria-label': 'Path' });
  const headers = h('textarea', { class: 'mono', rows: '4', spellcheck: 'false', value: headerLines(outgoing.headers) });
  const content = outgoing.body === undefined || outgoing.body === null ? '' : typeof outgoing.body === 'string' ? outgoing.body : JSON.stringify(outgoing.body, null, 2);
  const body = h('textarea', { class: 'mono', rows: '10', spellcheck: 'false', value: content });
  const session = h('input', { type: 'text', value: id, class: 'mono', pattern: '[A-Za-z0-9_\\-]{1,64}', required: true });
  const token = select([['', 'as in the headers']], '', {
    onchange: () => {
      const known = readHeaders(headers.value);
      if (token.value === '-') delete known.authorization;
      else if (token.value) known.authorization = token.value;
      headers.value = headerLines(known);
    },
  });
  tokens(id).then(list => token.append(
    ...list.filter(one => one.authorization).map(one => h('option', { value: one.authorization }, `${one.name} (${one.kind})`)),
    h('option', { value: '-' }, 'none'),
  ), () => {});
  const result = h('div', { class: 'sent', 'aria-live': 'polite' });

  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const isJson = (readHeaders(headers.value)['content-type'] ?? 'application/json').includes('json');
    /** @type {Outgoing} */
    const request = { method: method.value, path: path.value, headers: readHeaders(headers.value) };
    if (body.value.trim() !== '') {
      request.body = body.value;
      // Text that is no JSON is sent as it is: the API may have to reject it.
      if (isJson && !request.headers['content-type']) request.headers['content-type'] = 'application/json';
    }
    const arriving = next(session.value, request.method);
    const sent = await send(session.value, request);
    fill(result, h('p', {}, statusPill(sent.status)), jsonView(sent.body, { label: 'Body of the response' }));
    const row = await arriving;
    if (row) result.firstElementChild?.append(' ', link(href('requests', [row.session, row.seq]), 'Why this response?'));
  };
  return h('form', { class: 'editor', onsubmit: guarded(submit) },
    h('div', { class: 'target' }, method, path),
    h('div', { class: 'columns' }, field('Session', session), field('Token', token)),
    field('Headers', headers),
    field('Body', body),
    h('div', { class: 'actions' }, h('button', { class: 'button primary' }, 'Send')),
    result);
}

/** The status of a response. @param {number} status */
export const statusPill = status => h('span', { class: `pill s${String(status)[0]}` }, status);

/** A request to try an operation with. @param {string} session @param {string} operation @returns {Promise<Outgoing>} */
export async function sample(session, operation) {
  const query = new URLSearchParams({ operation });
  try {
    return await get(`/sessions/${encodeURIComponent(session)}/sample?${query}`);
  } catch {
    const [method = 'GET', path = '/'] = operation.split(' ', 2);
    return { method, path, headers: {} };
  }
}
