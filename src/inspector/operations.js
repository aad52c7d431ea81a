// The view of operations: what the contracts document, what serves it, and what was requested.
import { operations } from './api.js';
import { button, empty, fill, h, link, select } from './dom.js';
import { requestEditor, sample, statusPill } from './request_editor.js';
import { go, href, session } from './router.js';
import { sourceLines } from './source_view.js';

/** @type {HTMLElement} */ let layout;
/** @type {HTMLElement} */ let tree;
/** @type {HTMLElement} */ let main;
/** @type {Operation[]} */
let list = [];
/** @type {HTMLInputElement} */ let search;
/** @type {HTMLSelectElement} */ let which;
/** @type {HTMLElement} */ let count;

/** @typedef {'never' | 'partly' | 'fully'} Coverage */
/** @type {Record<Coverage, [string, string]>} */
const COVERAGE = { never: ['○', 'never called'], partly: ['◐', 'some documented statuses seen'], fully: ['●', 'all documented statuses seen'] };

/** @param {Operation} operation @returns {Coverage} */
function coverage({ requests, statuses, documented }) {
  if (requests === 0) return 'never';
  return documented.every(status => statuses[status]) ? 'fully' : 'partly';
}

/** Whether only successes were seen, where errors are documented. @param {Operation} operation */
const isOnlySuccess = ({ requests, statuses }) => requests > 0 && Object.keys(statuses).every(status => status < '300');

/** @param {Operation} operation */
const keyOf = ({ method, path }) => `${method} ${path}`;

/** @param {HTMLElement} root @param {Place} place */
async function show(root, place) {
  if (!root.contains(layout ?? null)) {
    search = h('input', { type: 'search', class: 'search', placeholder: 'Search operations', 'aria-label': 'Search operations', 'data-search': '', oninput: () => draw() });
    which = select([['', 'all'], ['never', 'never called'], ['success', 'only 2xx seen'], ['partly', 'some statuses seen'], ['fully', 'all documented seen'], ['rust', 'with a handler in Rust']], '', { 'aria-label': 'Coverage', onchange: () => draw() });
    count = h('p', { class: 'quiet', role: 'status' });
    tree = h('div', { class: 'operations' });
    main = h('section', { class: 'side wide', 'aria-label': 'The selected operation' });
    layout = h('div', { class: 'two' }, h('nav', { class: 'tree', 'aria-label': 'Operations' }, h('div', { class: 'toolbar' }, search, which), count, tree), main);
    fill(root, h('h1', { class: 'off-screen' }, 'Operations'), layout);
  }
  const hash = location.hash;
  list = await operations();
  if (location.hash !== hash) return;
  draw();
  const key = place.path[0];
  layout.classList.toggle('has-detail', key !== undefined);
  const found = list.find(one => keyOf(one) === key);
  if (found) await detail(found);
  else if (key !== undefined) fill(main, empty('Not found', h('p', {}, `The API has no operation ${key}.`)));
  else overview();
}

/** @param {Operation} operation */
function isShown(operation) {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${keyOf(operation)} ${operation.summary} ${operation.tags.join(' ')} ${operation.file} ${operation.resource ?? ''}`.toLowerCase();
  const isWanted = which.value === '' || (which.value === 'success' ? isOnlySuccess(operation) : which.value === 'rust' ? operation.behaviour : coverage(operation) === which.value);
  return isWanted && words.every(word => text.includes(word));
}

function draw() {
  const current = location.hash;
  const found = list.filter(isShown);
  count.textContent = `${found.length === list.length ? list.length : `${found.length} of ${list.length}`} operations, ${list.filter(one => one.requests > 0).length} called`;
  /** @type {Map<string, Map<string, Operation[]>>} */
  const files = new Map();
  for (const one of found) {
    const tags = files.get(one.file) ?? new Map();
    files.set(one.file, tags);
    const tag = one.tags[0] ?? '';
    tags.set(tag, [...(tags.get(tag) ?? []), one]);
  }
  const isOpen = files.size <= 3 || search.value !== '' || which.value !== '';
  fill(tree, [...files].map(([file, tags]) => {
    const inside = [...tags.values()].flat();
    const called = inside.filter(one => one.requests > 0).length;
    const hasCurrent = inside.some(one => href('operations', [keyOf(one)]) === current);
    return h('details', { open: isOpen || hasCurrent }, h('summary', {}, h('span', {}, file), h('span', { class: 'number' }, `${called}/${inside.length}`)),
      [...tags].map(([tag, group]) => [tag && tags.size > 1 && h('h3', {}, tag), h('ul', {}, group.map(one => h('li', {}, item(one, current))))]));
  }), found.length === 0 && h('p', { class: 'quiet' }, 'No operation matches.'));
}

/** @param {Operation} operation @param {string} current */
function item(operation, current) {
  const [mark, text] = COVERAGE[coverage(operation)];
  const target = href('operations', [keyOf(operation)]);
  return h('a', { href: target, title: `${operation.summary || keyOf(operation)}: ${text}`, ...(target === current ? { 'aria-current': 'true' } : {}) },
    h('span', { class: `coverage ${coverage(operation)}`, role: 'img', 'aria-label': text }, mark), h('span', { class: `method m-${operation.method.toLowerCase()}` }, operation.method), h('span', { class: 'path' }, operation.path));
}

function overview() {
  const counts = /** @type {Coverage[]} */ (['fully', 'partly', 'never']).map(name => ({ name, number: list.filter(one => coverage(one) === name).length }));
  fill(main, h('div', { class: 'overview' }, h('h2', {}, 'Coverage'), h('p', {}, 'What was requested since the server started, in all sessions.'),
    h('div', { class: 'bar', 'aria-hidden': 'true' }, counts.filter(one => one.number > 0).map(({ name, number }) => {
      const part = h('span', { class: name });
      part.style.flexGrow = String(number);
      return part;
    })),
    h('dl', { class: 'legend' }, counts.map(({ name, number }) => [h('dt', {}, h('span', { class: `coverage ${name}` }, COVERAGE[name][0]), ` ${COVERAGE[name][1]}`), h('dd', {}, number)]),
      [h('dt', {}, 'called, but only 2xx seen'), h('dd', {}, list.filter(isOnlySuccess).length)]),
    h('p', { class: 'quiet' }, 'Select an operation to see what serves it, and to send a request.')));
}

/** @param {Operation} operation */
async function detail(operation) {
  const key = keyOf(operation);
  const seen = Object.entries(operation.statuses);
  const statuses = [...new Set([...operation.documented.map(String), ...seen.map(([status]) => status)])].sort();
  const trying = h('div', {}, h('p', { class: 'quiet' }, 'Filling in a request …'));
  const served = operation.behaviour ? 'A handler in Rust, written for this operation' : `The generic handler: it can ${operation.kind === 'action' ? 'act on' : operation.kind}${operation.resource ? ` ${operation.resource} records` : ''}`;
  fill(main, h('header', { class: 'side-head' }, h('div', { class: 'title' }, h('h2', { tabindex: '-1' }, h('span', { class: `method m-${operation.method.toLowerCase()}` }, operation.method), ' ', operation.path), button('×', () => go(href('operations')), { class: 'button icon', 'aria-label': 'Close the operation' })),
    operation.summary && h('p', {}, operation.summary)),
  h('div', { class: 'side-body' },
    h('dl', { class: 'headers' }, h('dt', {}, 'served by'), h('dd', {}, served), h('dt', {}, 'records'), h('dd', {}, operation.resource ? link(href('records', [session(), operation.resource]), operation.resource) : 'none'),
      h('dt', {}, 'quirks'), h('dd', {}, operation.quirks.length === 0 ? 'none' : operation.quirks.map((id, place) => [place > 0 && ', ', link(href('control', [session()], { quirk: id }), id)])),
      h('dt', {}, 'tags'), h('dd', {}, operation.tags.join(', ') || 'none'),
      h('dt', {}, 'requests'), h('dd', {}, operation.requests === 0 ? 'none yet' : link(href('requests', [], { q: `method:${operation.method} operation:*${operation.path.replace(/\{[^}]*\}/g, '*')}` }), operation.requests))),
    h('section', {}, h('h3', {}, 'Statuses'), h('ul', { class: 'statuses' }, statuses.map(status => h('li', { class: operation.statuses[status] ? 'seen' : '' }, statusPill(Number(status)), h('span', {}, operation.statuses[status] ? `${operation.statuses[status]} seen` : 'not seen'), !operation.documented.includes(Number(status)) && h('span', { class: 'tag' }, 'not documented'))))),
    h('section', {}, h('h3', {}, 'Try it'), trying),
    h('section', {}, h('h3', {}, 'Contract'), sourceLines(`${operation.file}:${operation.line}`))));
  const outgoing = await sample(session(), key);
  fill(trying, requestEditor(session(), outgoing));
}

/** @type {View} */
export const operationsView = { title: 'Operations', show: (root, place) => void show(root, place).catch(error => fill(root, empty('Not available', h('p', {}, error.message)))) };
