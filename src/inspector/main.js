// The frame of the page: navigation, the session, the theme and the keys that work everywhere.
import { get } from './api.js';
import { control } from './control.js';
import { button, dialog, fill, h } from './dom.js';
import { connect, connection, onRows, onState } from './journal.js';
import { operationsView } from './operations.js';
import { records } from './records.js';
import { requests } from './requests.js';
import { changed, href, onPlace, place, selectSession, session } from './router.js';
import { scenarios } from './scenarios.js';

/** @type {Record<string, View>} */
const views = { requests, records, control, operations: operationsView, scenarios };

/** How many sessions can be selected in the bar. */
const MAX_SESSIONS = 200;

const main = /** @type {HTMLElement} */ (document.getElementById('main'));
/** @type {View | undefined} */
let shown;
let shownHash = '';

const links = Object.entries(views).map(([name, view]) => h('a', { href: href(name), 'data-view': name }, view.title));
const sessions = h('select', { 'aria-label': 'Session', onchange: () => {
  selectSession(sessions.value);
  // Places name their session: show the same view for the other one.
  const { view } = place();
  if (location.hash === href(view)) changed();
  else location.hash = href(view);
} });
const dot = h('span', { class: 'dot' });
const state = h('span', { class: 'state', role: 'status' });
const themes = /** @type {const} */ (['auto', 'light', 'dark']);
const theme = button('', () => setTheme(themes[(themes.indexOf(currentTheme()) + 1) % themes.length] ?? 'auto'), { class: 'button icon theme' });

fill(/** @type {HTMLElement} */ (document.getElementById('bar')),
  h('a', { class: 'brand', href: href('requests'), 'aria-label': 'standin, requests' }, h('span', { class: 'mark', 'aria-hidden': 'true' }), 'standin'),
  h('nav', { 'aria-label': 'Views' }, links),
  h('div', { class: 'bar-end' }, dot, state, h('label', { class: 'session' }, h('span', {}, 'Session'), sessions), theme, button('?', help, { class: 'button icon', 'aria-label': 'Keys' })));

/** @returns {'auto' | 'light' | 'dark'} */
function currentTheme() {
  const value = localStorage.getItem('theme');
  return value === 'light' || value === 'dark' ? value : 'auto';
}

/** @param {'auto' | 'light' | 'dark'} value */
function setTheme(value) {
  localStorage.setItem('theme', value);
  document.documentElement.dataset.theme = value;
  theme.textContent = { auto: '◐', light: '☀', dark: '☾' }[value];
  theme.setAttribute('aria-label', `Theme: ${value}`);
  theme.title = `Theme: ${value}`;
}

/** Reads the list of sessions. */
async function listSessions() {
  const { sessions: list } = await get('/sessions');
  const ids = list.slice(0, MAX_SESSIONS).map((/** @type {Session} */ one) => one.id);
  if (!ids.includes(session())) ids.push(session());
  const known = [...sessions.options].map(option => option.value);
  if (known.join() !== ids.join()) fill(sessions, ids.map((/** @type {string} */ id) => h('option', { value: id }, id)));
  sessions.value = session();
}

function showConnection() {
  const now = connection();
  dot.dataset.state = now;
  dot.title = state.textContent = { live: 'Live', connecting: 'Connecting', lost: 'Not connected', denied: 'Log in: open the URL that the server prints' }[now];
  state.classList.toggle('off-screen', now === 'live');
  if (now === 'live') listSessions().catch(() => {});
}

/** @param {Place} to */
function show(to) {
  // A link in a dialog leads away from it.
  if (location.hash !== shownHash) document.querySelectorAll('dialog').forEach(one => one.close());
  shownHash = location.hash;
  const view = views[to.view] ?? requests;
  if (view !== shown) {
    shown?.leave?.();
    fill(main);
    main.className = `view-${to.view}`;
    shown = view;
  }
  for (const one of links) {
    if (one.dataset.view === to.view) one.setAttribute('aria-current', 'page');
    else one.removeAttribute('aria-current');
  }
  document.title = `${view.title} · standin`;
  view.show(main, to);
  sessions.value = session();
}

function help() {
  const keys = [['/', 'search'], ['j, k', 'next and previous request'], ['Enter', 'read the selected request'], ['Esc', 'close'], ['p', 'pause the list of requests'], ['1 … 5', 'views'], ['?', 'these keys']];
  dialog('Keys', () => h('dl', { class: 'keys' }, keys.map(([key, what]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)])));
}

document.addEventListener('keydown', event => {
  const target = event.target instanceof Element ? event.target : null;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (target?.closest('input, textarea, select')) {
    if (event.key === 'Escape' && target instanceof HTMLElement) target.blur();
    return;
  }
  const view = Object.keys(views)[Number(event.key) - 1];
  if (event.key === '/') /** @type {HTMLElement | null} */ (main.querySelector('[data-search]'))?.focus();
  else if (event.key === '?') help();
  else if (view) location.hash = href(view);
  else if (!shown?.key?.(event)) return;
  event.preventDefault();
});

/** Sessions can begin with a request. @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
onRows(added => {
  if (timer || sessions.options.length >= MAX_SESSIONS || !added.some(row => ![...sessions.options].some(option => option.value === row.session))) return;
  timer = setTimeout(() => {
    timer = undefined;
    listSessions().catch(() => {});
  }, 2000);
});
window.addEventListener('sessions', () => listSessions().catch(() => {}));

setTheme(currentTheme());
onState(showConnection);
onPlace(show);
showConnection();
changed();
connect();
