// The detail of a request: why it was answered so, the request, the response, and what to do with it.
import { send, tokens } from './api.js';
import { button, copy, dialog, fill, h, link, menu, toast } from './dom.js';
import { FORMS, outgoing, prepared } from './copy_as.js';
import { entry, next } from './journal.js';
import { bodyView, diffView } from './json_view.js';
import { requestEditor, statusPill } from './request_editor.js';
import { go, href } from './router.js';
import { why } from './why.js';

/** @param {HTMLElement} root @param {Row} row @param {() => void} close */
export function detail(root, row, close) {
  if (root.dataset.key === String(row.key) && root.childElementCount > 0) return;
  root.dataset.key = String(row.key);
  const shown = entry(row);
  const closing = button('×', close, { class: 'button icon', 'aria-label': 'Close the detail' });
  if (row.isEvent) {
    clockEvent(root, shown, closing);
    return;
  }
  const copying = menu('Copy as', FORMS.map(([name, write]) => [name, async () => copy(write(await prepared(shown)), `Copied as ${name}`)]));
  fill(root,
    h('header', { class: 'side-head' },
      h('div', { class: 'title' }, h('h2', { tabindex: '-1' }, h('span', { class: 'method' }, shown.method), ' ', shown.path), closing),
      h('p', { class: 'facts' }, statusPill(shown.status), shown.ms !== null && h('span', {}, `${shown.ms.toFixed(1)} ms`),
        h('span', {}, shown.caller ? `token ${shown.caller}` : 'no token'), h('span', {}, `session ${shown.session}`),
        h('time', { datetime: shown.at, title: `Received ${shown.received} by the clock of the server` }, shown.at.replace('T', ' '))),
      h('div', { class: 'actions' }, button('Replay', () => replay(shown)), button('Edit and resend', () => edit(shown)), copying)),
    h('div', { class: 'side-body' },
      section('Why', why(shown)),
      shown.changes.length > 0 && section(`Changed records (${shown.changes.length})`, shown.changes.map(change => changed(shown.session, change))),
      section('Request', message(shown.request.target, shown.request.headers), bodyView(shown.request.body, 'Body of the request', shown.error?.pointer)),
      section('Response', message(null, shown.response.headers), bodyView(shown.response.body, 'Body of the response'))));
}

/** @param {string} title @param {...Child} children */
const section = (title, ...children) => h('details', { class: 'section', open: true }, h('summary', {}, h('h3', {}, title)), ...children);

/** @param {string | null} target @param {HeaderValues} headers */
function message(target, headers) {
  const lines = Object.entries(headers).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map(one => [name, one]));
  return h('dl', { class: 'headers' }, target && [h('dt', {}, 'target'), h('dd', {}, target)],
    lines.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}

/** @param {string} session @param {Change} change */
function changed(session, { kind, id, before, after }) {
  const what = before === null ? 'created' : after === null ? 'deleted' : 'changed';
  const name = after === null ? `${kind} ${id}` : link(href('records', [session, kind, id]), `${kind} ${id}`);
  return h('div', { class: 'change' }, h('p', {}, h('span', { class: `tag ${what}` }, what), ' ', name), diffView(before, after));
}

/** @param {Element} root @param {ClockEvent} event @param {HTMLElement} closing */
function clockEvent(root, { at, event, kind, id, session, change }, closing) {
  fill(root, h('header', { class: 'side-head' }, h('div', { class: 'title' }, h('h2', { tabindex: '-1' }, event), closing),
    h('p', { class: 'facts' }, h('span', {}, `session ${session}`), h('time', { datetime: at }, at.replace('T', ' ')))),
    h('div', { class: 'side-body' }, section('Why', h('p', {}, `This happened because the clock of the session passed ${at}: a row of the lifecycle of ${kind} was due.`)),
      section('Changed record', change ? changed(session, change) : h('p', {}, link(href('records', [session, kind, id]), `${kind} ${id}`), ' was not changed.'))));
}

/** Sends the same request again. @param {Entry} shown */
async function replay(shown) {
  const request = outgoing(shown, await tokens(shown.session));
  delete request.token;
  const arriving = next(shown.session, shown.method);
  const sent = await send(shown.session, request);
  const row = await arriving;
  toast(`Sent again: ${sent.status}${sent.status === shown.status ? ', as before' : `, before it was ${shown.status}`}`);
  if (row) go(href('requests', [row.session, row.seq], { q: new URLSearchParams(location.hash.split('?')[1] ?? '').get('q') ?? '' }));
}

/** @param {Entry} shown */
async function edit(shown) {
  const request = outgoing(shown, await tokens(shown.session));
  dialog('Edit and resend', () => requestEditor(shown.session, request));
}
