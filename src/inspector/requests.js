// The view of requests: a live list and the detail of one.
import { apiUrl, below, get, operations } from './api.js';
import { button, copyable, empty, fill, h, menu } from './dom.js';
import { detail } from './detail.js';
import { NAMES, parse } from './filter.js';
import { all, clear, connection, find, onRows, onState, rowOf } from './journal.js';
import { sample } from './request_editor.js';
import { go, href } from './router.js';
import { VirtualList } from './virtual_list.js';

const ROW_HEIGHT = 30;
const COLUMNS = ['Time', 'Session', 'Method', 'Path', 'Operation', 'Status', 'ms', 'Reason'];

/** @type {Row[]} The rows that the filter matches, newest first. */
let shown = [];
/** @type {Row[]} What has come since the list was paused. */
let waiting = [];
let isPaused = false;
let filter = parse('');
/** @type {Row | undefined} */
let selected;
/** @type {VirtualList<Row> | undefined} */
let list;
/** @type {(() => void)[]} What ends the subscriptions. */
let stops = [];
/** @type {HTMLElement} */ let grid;
/** @type {HTMLElement} */ let side;
/** @type {HTMLElement} */ let nothing;
/** @type {HTMLElement} */ let count;
/** @type {HTMLElement} */ let note;
/** @type {HTMLInputElement} */ let search;
/** @type {HTMLButtonElement} */ let pausing;
/** @type {HTMLElement} */ let layout;

/** @param {Row} row */
const target = row => href('requests', [row.session, row.seq], { q: search.value });

/** @param {HTMLElement} root @param {Place} place */
function show(root, place) {
  if (!root.contains(layout ?? null)) build(root, place.query.get('q') ?? '');
  if ((place.query.get('q') ?? '') !== search.value) {
    search.value = place.query.get('q') ?? '';
    applyFilter();
  }
  const [session, seq] = place.path;
  selected = session === undefined ? undefined : find(session, Number(seq));
  layout.classList.toggle('has-detail', session !== undefined);
  if (session === undefined) fill(side);
  else if (selected) detail(side, selected, () => go(href('requests', [], { q: search.value })));
  else missing(session, seq ?? '').catch(() => {});
  list?.draw();
  markActive();
}

/** The detail of a request that the list does not have, or not yet. @param {string} session @param {string} seq */
async function missing(session, seq) {
  const closing = () => go(href('requests', [], { q: search.value }));
  const hash = location.hash;
  fill(side);
  const found = await get(below(session, 'requests', seq)).catch(error => error);
  if (location.hash !== hash || selected) return;
  if (found instanceof Error) fill(side, empty('Request not found', h('p', {}, found.message), button('Close', closing)));
  else detail(side, rowOf(found), closing);
}

/** @param {HTMLElement} root @param {string} query */
function build(root, query) {
  search = h('input', { type: 'search', class: 'search', value: query, placeholder: 'Filter: method:POST status:4xx path:/v1/*', 'aria-label': 'Filter requests', 'aria-describedby': 'filter-note', spellcheck: 'false', autocomplete: 'off', 'data-search': '', oninput: () => {
    applyFilter();
    go(selected ? target(selected) : href('requests', [], { q: search.value }), true);
  } });
  pausing = button('Pause', pause, { 'aria-pressed': 'false', title: 'Stop the list (p)' });
  const more = menu('Filters', Object.values(NAMES).map(example => [example, () => {
    search.value = `${search.value} ${example}`.trim();
    search.dispatchEvent(new Event('input'));
    search.focus();
  }]));
  const clearing = button('Clear', () => clear(), { title: 'Empty the list; the journal of the server stays' });
  count = h('span', { class: 'quiet count', role: 'status' });
  note = h('p', { id: 'filter-note', class: 'filter-note' });
  const header = h('div', { class: 'row head', role: 'row' }, COLUMNS.map(name => h('span', { role: 'columnheader', class: `c-${name.toLowerCase()}` }, name)));
  const body = h('div', { class: 'rows', role: 'rowgroup' });
  grid = h('div', { class: 'grid', role: 'grid', tabindex: '0', 'aria-label': 'Requests', 'aria-rowcount': '0' }, h('div', { role: 'rowgroup' }, header), body);
  nothing = h('div', { class: 'nothing' });
  side = h('section', { class: 'side', 'aria-label': 'The selected request' });
  layout = h('div', { class: 'requests' },
    h('section', { class: 'list', 'aria-label': 'List of requests' }, h('div', { class: 'toolbar' }, search, more, pausing, clearing, count), note, grid, nothing), side);
  fill(root, h('h1', { class: 'off-screen' }, 'Requests'), layout);
  list = new VirtualList({ viewport: body, height: ROW_HEIGHT, create: createRow, update: updateRow });
  grid.addEventListener('click', event => {
    const element = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    const row = element instanceof HTMLElement ? shown[Number(element.dataset.index)] : undefined;
    if (row) go(target(row));
  });
  stops = [onRows(receive), onState(summarize)];
  isPaused = false;
  waiting = [];
  applyFilter();
}

function createRow() {
  const row = h('div', { class: 'row', role: 'row' }, COLUMNS.map(name => h('span', { role: 'gridcell', class: `c-${name.toLowerCase()}` })));
  return row;
}

/** @param {HTMLElement} element @param {Row} row @param {number} index */
function updateRow(element, row, index) {
  const isSelected = row === selected;
  element.dataset.index = String(index);
  element.setAttribute('aria-selected', String(isSelected));
  element.setAttribute('aria-rowindex', String(index + 2));
  // The key is unknown to the reused element: most rows of a frame have not changed.
  if (element.dataset.key === String(row.key)) return;
  element.dataset.key = String(row.key);
  element.id = `request-${row.key}`;
  element.className = `row ${row.tone}`;
  const texts = [row.at.slice(11, 23), row.session, row.method, row.path, row.operation, row.isEvent ? '' : String(row.status), row.ms === null ? '' : row.ms.toFixed(row.ms < 10 ? 1 : 0), row.reason];
  texts.forEach((text, place) => {
    const cell = /** @type {HTMLElement} */ (element.children[place]);
    cell.textContent = text;
    if (place === 5) cell.dataset.status = text.slice(0, 1);
    if (place === 3 || place === 4 || place === 7) cell.title = text;
  });
}

/** @param {Row[]} added @param {boolean} isDropped */
function receive(added, isDropped) {
  if (isPaused) {
    waiting.push(...added);
    summarize();
    return;
  }
  if (isDropped) {
    applyFilter();
    return;
  }
  const matching = added.filter(filter.matches);
  if (matching.length > 0) {
    shown = matching.reverse().concat(shown);
    draw(matching.length);
  } else {
    summarize();
  }
  const [session, seq] = location.hash.replace(/\?.*/, '').split('/').slice(2);
  // A link to a request is opened before the journal has arrived.
  if (session && !selected && find(decodeURIComponent(session), Number(seq))) window.dispatchEvent(new Event('hashchange'));
}

function applyFilter() {
  filter = parse(search.value);
  shown = all().filter(filter.matches).reverse();
  const names = Object.keys(NAMES).join(', ');
  note.textContent = filter.unknown.length > 0 ? `There is no filter \`${filter.unknown.join('`, `')}\`. There are: ${names}.` : '';
  note.hidden = filter.unknown.length === 0;
  draw(0);
}

/** @param {number} inserted */
function draw(inserted) {
  list?.set(shown, inserted);
  grid.setAttribute('aria-rowcount', String(shown.length + 1));
  markActive();
  summarize();
}

function summarize() {
  const total = all().length;
  const paused = isPaused ? ` · ${waiting.filter(filter.matches).length} new` : '';
  count.textContent = `${shown.length === total ? total : `${shown.length} of ${total}`}${paused}`;
  grid.hidden = shown.length === 0;
  nothing.hidden = shown.length > 0;
  const why = total > 0 ? 'filter' : connection() === 'live' ? 'none' : 'connecting';
  if (shown.length > 0 || nothing.dataset.why === why) return;
  nothing.dataset.why = why;
  if (why === 'connecting') fill(nothing, empty('Connecting …'));
  else if (total > 0) fill(nothing, empty('No request matches the filter', button('Show all requests', () => go(href('requests')))));
  else firstCommand().catch(() => {});
}

/** What to do when nothing was requested yet. */
async function firstCommand() {
  const box = h('div', {});
  fill(nothing, empty('Waiting for requests', h('p', {}, 'Requests to the API appear here as they arrive. Point an app at it, or try:'), box));
  const [base, known] = await Promise.all([apiUrl(), operations()]);
  const plain = known.filter(one => one.method === 'GET' && !one.path.includes('{'));
  const first = plain.find(one => one.behaviour) ?? plain[0] ?? known[0];
  if (!first) return;
  const { method, path, headers } = await sample('default', `${first.method} ${first.path}`);
  const token = headers.authorization ? ` -H 'Authorization: ${headers.authorization}'` : '';
  fill(box, copyable(`curl${method === 'GET' ? '' : ` -X ${method}`}${token} '${base}${path}'`));
}

function pause() {
  isPaused = !isPaused;
  pausing.setAttribute('aria-pressed', String(isPaused));
  pausing.textContent = isPaused ? 'Resume' : 'Pause';
  waiting = [];
  if (!isPaused) applyFilter();
  summarize();
}

/** Names the selected row to assistive technology. */
function markActive() {
  const isVisible = selected && document.getElementById(`request-${selected.key}`)?.hidden === false;
  if (selected && isVisible) grid.setAttribute('aria-activedescendant', `request-${selected.key}`);
  else grid.removeAttribute('aria-activedescendant');
}

/** @param {number} by */
function move(by) {
  const current = selected ? shown.indexOf(selected) : -1;
  const index = Math.max(0, Math.min(shown.length - 1, current + by));
  const row = shown[index];
  if (!row) return;
  list?.reveal(index);
  go(target(row), true);
}

/** @param {KeyboardEvent} event */
function key(event) {
  const steps = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -10_000, End: 10_000 };
  const isInGrid = document.activeElement === grid || document.activeElement === document.body || event.key === 'j' || event.key === 'k';
  const by = /** @type {Record<string, number>} */ (steps)[event.key];
  if (by !== undefined && isInGrid) move(by);
  else if (event.key === 'p') pause();
  else if (event.key === 'Escape' && selected) go(href('requests', [], { q: search.value }));
  else if (event.key === 'Enter' && document.activeElement === grid && selected) side.querySelector('h2')?.focus();
  else return false;
  return true;
}

function leave() {
  for (const stop of stops) stop();
  list?.destroy();
  selected = undefined;
}

/** @type {View} */
export const requests = { title: 'Requests', show, leave, key };
