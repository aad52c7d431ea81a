// The view of records: kinds, the records of one, and one record.
import { below, call, get, getOnce } from './api.js';
import { button, confirmed, copyable, empty, fill, h, link, toast } from './dom.js';
import { all, entry } from './journal.js';
import { diffView, jsonView } from './json_view.js';
import { recordEditor } from './record_editor.js';
import { go, href, selectSession, session } from './router.js';

/** How many records are listed at once, and how many columns they have. */
const PAGE = 100;
const MAX_COLUMNS = 6;

/** @type {string} The session and the kind whose list is shown. */
let listed = '';
/** @type {HTMLElement} */ let kindsBox;
/** @type {HTMLElement} */ let listBox;
/** @type {HTMLElement} */ let side;
/** @type {HTMLElement} */ let layout;
/** @type {Kind[]} */
let kinds = [];

/** @param {HTMLElement} root @param {Place} place */
async function show(root, place) {
  const [id, kind, record] = place.path;
  if (id === undefined) {
    go(href('records', [session()]), true);
    return;
  }
  selectSession(id);
  if (!root.contains(layout ?? null)) {
    [kindsBox, listBox, side] = [h('nav', { class: 'tree', 'aria-label': 'Kinds of records' }), h('section', { class: 'list', 'aria-label': 'Records' }), h('section', { class: 'side', 'aria-label': 'The selected record' })];
    layout = h('div', { class: 'three' }, kindsBox, listBox, side);
    fill(root, h('h1', { class: 'off-screen' }, 'Records'), layout);
    listed = '';
  }
  layout.classList.toggle('has-list', kind !== undefined);
  layout.classList.toggle('has-detail', record !== undefined);
  try {
    if (listed !== `${id} ${kind}`) {
      listed = `${id} ${kind}`;
      await showKinds(id, kind);
      if (listed !== `${id} ${kind}`) return;
      if (kind !== undefined) await showList(id, kind);
      else fill(listBox, empty('Select a kind of record', h('p', {}, 'Or read one as your test does:'), copyable(`curl ${location.origin}${below(id, 'records')}`)));
    }
    mark(listBox, record);
    if (kind !== undefined && record !== undefined) await showRecord(id, kind, record);
    else fill(side);
  } catch (error) {
    layout.classList.add('has-list');
    fill(record === undefined ? listBox : side, empty('Not found', h('p', {}, error instanceof Error ? error.message : String(error)), record !== undefined && close(id, kind ?? '')));
  }
}

/** @param {HTMLElement} box @param {string | undefined} record */
function mark(box, record) {
  box.querySelectorAll('tr[data-id]').forEach(row => {
    if (row instanceof HTMLElement) row.toggleAttribute('data-current', row.dataset.id === record);
  });
}

/** @param {string} id @param {string | undefined} current */
async function showKinds(id, current) {
  kinds = (await get(below(id, 'records'))).kinds;
  const search = h('input', { type: 'search', class: 'search', placeholder: 'Kinds', 'aria-label': 'Search kinds', ...(current === undefined ? { 'data-search': '' } : {}), oninput: () => draw() });
  const list = h('ul', {});
  const draw = () => {
    const text = search.value.toLowerCase();
    const found = kinds.filter(one => one.kind.includes(text)).sort((a, b) => Number(b.records > 0) - Number(a.records > 0));
    fill(list, found.map(one => h('li', {}, h('a', { href: href('records', [id, one.kind]), class: one.records === 0 ? 'none' : '', ...(one.kind === current ? { 'aria-current': 'true' } : {}) }, h('span', {}, one.kind), h('span', { class: 'number' }, one.records)))));
  };
  fill(kindsBox, search, list);
  draw();
  kindsBox.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
}

/** @param {string} id @param {string} kind */
async function showList(id, kind) {
  const { records } = await get(below(id, 'records', kind));
  if (listed !== `${id} ${kind}`) return;
  const search = h('input', { type: 'search', class: 'search', placeholder: `Search ${records.length} records`, 'aria-label': 'Search records', 'data-search': '', oninput: () => draw() });
  const count = h('span', { class: 'quiet count', role: 'status' });
  const box = h('div', { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': `Records of the kind ${kind}` });
  let limit = PAGE;
  const texts = records.map((/** @type {Json} */ one) => JSON.stringify(one).toLowerCase());
  const columns = columnsOf(records);
  const draw = () => {
    const text = search.value.toLowerCase();
    const found = records.filter((/** @type {Json} */ _, /** @type {number} */ place) => texts[place].includes(text));
    count.textContent = found.length === records.length ? `${records.length}` : `${found.length} of ${records.length}`;
    if (found.length === 0) {
      fill(box, empty(records.length === 0 ? `No ${kind} records` : 'No record matches', records.length === 0 && [h('p', {}, 'Create one here, or with a request:'),
        copyable(`curl -X POST ${location.origin}${below(id, 'records', kind)} -H 'Content-Type: application/json' -d '{}'`)]));
      return;
    }
    fill(box, h('table', {}, h('thead', {}, h('tr', {}, ['id', ...columns].map(name => h('th', { scope: 'col' }, name)))),
      h('tbody', {}, found.slice(0, limit).map((/** @type {Json} */ one) => row(id, kind, one, columns)))),
    found.length > limit && button(`Show ${Math.min(PAGE, found.length - limit)} more`, () => {
      limit += PAGE;
      draw();
    }));
  };
  const create = button('Create', () => recordEditor({ session: id, kind, record: null, done: made => changed(id, kind, String(made.id ?? made.uid ?? '')) }), { class: 'button primary' });
  fill(listBox, h('div', { class: 'toolbar' }, h('a', { href: href('records', [id]), class: 'back' }, '‹ Kinds'), h('h2', {}, kind), search, count, kind !== 'token' && create), box);
  draw();
}

/** The fields that most records have as a short value. @param {Json[]} records */
function columnsOf(records) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const record of records.slice(0, PAGE)) {
    for (const [name, value] of Object.entries(record)) {
      const isShort = value !== null && value !== '' && (typeof value !== 'object') && String(value).length < 60;
      if (isShort && name !== 'id' && name !== 'uid') counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const rank = (/** @type {string} */ name) => (/name|title|state|status|email|amount|price/.test(name) ? 0 : /_(id|uid)$/.test(name) ? 2 : 1);
  return [...counts].sort(([a, one], [b, other]) => rank(a) - rank(b) || other - one).slice(0, MAX_COLUMNS).map(([name]) => name);
}

/** @param {Json} record */
const idOf = record => String(record.id ?? record.uid ?? '');

/** @param {string} id @param {string} kind @param {Json} record @param {string[]} columns */
function row(id, kind, record, columns) {
  const text = (/** @type {Json} */ value) => value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return h('tr', { 'data-id': idOf(record), onclick: (/** @type {Event} */ event) => {
    if (!(event.target instanceof Element) || !event.target.closest('a')) go(href('records', [id, kind, idOf(record)]));
  } }, h('th', { scope: 'row' }, link(href('records', [id, kind, idOf(record)]), idOf(record))), columns.map(name => h('td', {}, text(record[name]))));
}

/** @param {string} id @param {string} kind */
const close = (id, kind) => button('×', () => go(href('records', [id, kind])), { class: 'button icon', 'aria-label': 'Close the record' });

/** Shows the list anew and then a record. @param {string} id @param {string} kind @param {string} [record] */
function changed(id, kind, record) {
  listed = '';
  const target = href('records', record ? [id, kind, record] : [id, kind]);
  if (location.hash === target) window.dispatchEvent(new Event('hashchange'));
  else go(target);
}

/** @param {string} id @param {string} kind @param {string} record */
async function showRecord(id, kind, record) {
  const hash = location.hash;
  const [value, schema] = await Promise.all([get(below(id, 'records', kind, record)), getOnce(`/schemas/${encodeURIComponent(kind)}`).catch(() => null)]);
  // Another record was selected meanwhile.
  if (location.hash !== hash) return;
  const linkFor = (/** @type {string} */ text, /** @type {string} */ name) => {
    const referenced = kindOf(schema, name);
    return referenced && text !== '<hidden>' ? href('records', [id, referenced, text]) : undefined;
  };
  const actions = kind === 'token' ? [] : [
    button('Edit', () => recordEditor({ session: id, kind, record: value, done: () => changed(id, kind, record) })),
    button('Delete', () => confirmed(`${kind} ${record} is deleted, with the records that belong to it.`, 'Delete', async () => {
      await call('DELETE', below(id, 'records', kind, record));
      toast(`Deleted ${kind} ${record}`);
      changed(id, kind);
    })),
  ];
  fill(side, h('header', { class: 'side-head' }, h('div', { class: 'title' }, h('h2', { tabindex: '-1' }, h('span', { class: 'method' }, kind), ' ', record), close(id, kind)), h('div', { class: 'actions' }, actions)),
    h('div', { class: 'side-body' }, jsonView(value, { linkFor, label: `The record ${record}` }), h('section', {}, h('h3', {}, 'History'), history(id, kind, record))));
}

/** The kind of record that a field refers to. @param {Json} schema @param {string} name */
function kindOf(schema, name) {
  const declared = schema?.properties?.[name];
  const found = declared?.['x-standin-kind'] ?? declared?.items?.['x-standin-kind'];
  if (found) return String(found);
  const stem = name.replace(/(_uids?|_ids?|Ids?)$/, '');
  return stem !== name && kinds.some(one => one.kind === stem) ? stem : undefined;
}

/** What requests and the clock did to a record. @param {string} id @param {string} kind @param {string} record */
function history(id, kind, record) {
  const found = all().filter(row => row.session === id && row.raw.includes(record)).map(row => ({ row, shown: entry(row) }))
    .flatMap(({ row, shown }) => (row.isEvent ? shown.change ? [shown.change] : [] : shown.changes).filter(change => change.kind === kind && change.id === record).map(change => ({ row, change })));
  if (found.length === 0) return h('p', { class: 'quiet' }, 'No request in the journal has changed it.');
  return h('ol', { class: 'history' }, found.reverse().map(({ row, change }) => h('li', {},
    h('p', {}, link(href('requests', [row.session, row.seq]), row.isEvent ? `${row.reason} (the clock)` : `${row.method} ${row.path}`), h('span', { class: 'quiet' }, ` ${row.at.replace('T', ' ').slice(0, 19)}`)),
    diffView(change.before, change.after))));
}

/** Selects the next or the previous record. @param {KeyboardEvent} event */
function key(event) {
  const by = { j: 1, k: -1 }[event.key];
  const rows = [...listBox.querySelectorAll('tr[data-id]')];
  const row = rows[Math.max(0, rows.findIndex(one => one.hasAttribute('data-current')) + (by ?? 0))];
  if (by === undefined || !row) return false;
  location.hash = row.querySelector('a')?.hash ?? '';
  row.scrollIntoView({ block: 'nearest' });
  return true;
}

/** @type {View} */
export const records = { title: 'Records', show: (root, place) => void show(root, place), key };
