// The view of control: sessions, the clock, faults, records as a whole, quirks.
import { apiUrl, below, call, get, info } from './api.js';
import { button, confirmed, copy, dialog, download, field, fill, guarded, h, link, toast } from './dom.js';
import { faults } from './control_faults.js';
import { quirkList } from './control_quirks.js';
import { clear } from './journal.js';
import { go, href, selectSession, session } from './router.js';

/** @type {ReturnType<typeof setInterval> | undefined} */
let ticking;

/** @param {HTMLElement} root @param {Place} place */
function show(root, place) {
  const id = place.path[0];
  if (id === undefined) {
    go(href('control', [session()], Object.fromEntries(place.query)), true);
    return;
  }
  selectSession(id);
  clearInterval(ticking);
  const [clock, list] = [h('div', {}), h('div', {})];
  fill(root, h('h1', { class: 'off-screen' }, `Control of session ${id}`), h('div', { class: 'cards' },
    card('Clock', 'The time of the session. Records expire and become overdue when it passes.', clock),
    card('Faults', 'Responses that come late, or as errors, until they are removed.', faults(id)),
    card('Sessions', 'Each is a world of its own: records, clock, faults.', list, 'wide'),
    card('Quirks', 'Where the real API departs from its contract. Switches apply to this session.', quirkList(id, place.query.get('quirk') ?? ''), 'wide')));
  showClock(clock, id).catch(error => fill(clock, h('p', { class: 'quiet' }, error.message)));
  showSessions(list, id).catch(error => fill(list, h('p', { class: 'quiet' }, error.message)));
}

/** @param {string} title @param {string} about @param {Node} content @param {string} [style] */
const card = (title, about, content, style = '') =>
  h('section', { class: `card ${style}` }, h('header', {}, h('h2', {}, title), h('p', { class: 'quiet' }, about)), content);

/** @param {HTMLElement} box @param {string} id */
async function showClock(box, id) {
  /** @type {{now: string, frozen: boolean, speed: number}} */
  let clock = await get(below(id, 'clock')).catch(() => get('/sessions/default/clock'));
  let readAt = Date.now();
  const time = h('time', { class: 'time' });
  const state = h('p', { class: 'quiet' });
  const freeze = button('', () => set({ frozen: !clock.frozen }));
  const speed = h('input', { type: 'number', min: '0', max: '3600000', step: 'any', value: String(clock.speed) });
  const now = h('input', { type: 'text', class: 'mono', placeholder: '2026-02-08T10:00:00Z' });
  const set = async (/** @type {Json} */ change) => {
    clock = await call('PUT', below(id, 'clock'), change);
    readAt = Date.now();
    draw();
  };
  const draw = () => {
    const shown = new Date(Date.parse(clock.now) + (clock.frozen ? 0 : (Date.now() - readAt) * clock.speed));
    time.textContent = Number.isNaN(shown.getTime()) ? clock.now : shown.toISOString().replace('T', ' ').slice(0, 19);
    state.textContent = clock.frozen ? 'Frozen' : clock.speed === 1 ? 'Running' : `Running at ${clock.speed} seconds a second`;
    freeze.textContent = clock.frozen ? 'Run' : 'Freeze';
  };
  const spans = [['+1 h', '1h'], ['+1 d', '1d'], ['+30 d', '30d'], ['+1 y', '1y']];
  fill(box, h('div', { class: 'now' }, time, state),
    h('div', { class: 'actions' }, freeze, spans.map(([text, advance]) => button(text ?? '', async () => {
      await set({ advance });
      toast(`The clock has moved on by ${advance}`);
    }))),
    h('details', {}, h('summary', {}, 'Set time and speed'),
      h('form', { class: 'columns', onsubmit: guarded(async (/** @type {Event} */ event) => {
        event.preventDefault();
        await set({ ...(now.value ? { now: now.value } : {}), speed: Number(speed.value) });
        toast('The clock is set');
      }) }, field('Time', now), field('Speed', speed), h('button', { class: 'button' }, 'Set'))));
  draw();
  ticking = setInterval(draw, 500);
}

/** @param {HTMLElement} box @param {string} id */
async function showSessions(box, id) {
  const { sessions: list } = await get('/sessions');
  const again = async () => {
    window.dispatchEvent(new Event('sessions'));
    await showSessions(box, id);
  };
  const name = h('input', { type: 'text', class: 'mono', pattern: '[A-Za-z0-9_\\-]{1,64}', placeholder: 'name, such as ada', 'aria-label': 'Id of the new session' });
  const create = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const made = await call('POST', '/sessions', { id: name.value || undefined, from: id });
    await again();
    share(made.id);
  };
  fill(box,
    h('form', { class: 'inline', onsubmit: guarded(create) }, name, h('button', { class: 'button primary' }, `Fork ${id}`)),
    h('div', { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Sessions' }, h('table', { class: 'sessions' },
      h('thead', {}, h('tr', {}, ['Session', 'Records', 'Requests', 'Clock', 'Actions'].map(text => h('th', { scope: 'col' }, text)))),
      h('tbody', {}, list.slice(0, 200).map((/** @type {Session} */ one) => h('tr', { 'data-current': one.id === id },
        h('th', { scope: 'row' }, link(href('control', [one.id]), one.id)), h('td', {}, one.records), h('td', {}, one.requests),
        h('td', {}, `${one.now.slice(0, 16).replace('T', ' ')}${one.frozen ? ' (frozen)' : ''}`),
        h('td', { class: 'actions' }, actions(one.id, again))))))));
}

/** @param {string} id @param {() => Promise<void>} again */
function actions(id, again) {
  const small = { class: 'button small' };
  return [
    button('Use it', () => share(id), small),
    button('Reset', async () => {
      await call('POST', below(id, 'reset'));
      clear(id);
      toast(`Session ${id} is in its initial state`);
      await again();
    }, small),
    button('Empty', () => confirmed(`All records of session ${id} are deleted, except those that its tokens act for and what these belong to. A reset restores them.`, 'Empty', async () => {
      await emptyAccount(id);
      await again();
    }), small),
    button('Export', async () => download(`${id}.json`, `${JSON.stringify(await get(below(id, 'snapshot')), null, 2)}\n`, 'application/json'), small),
    id !== 'default' && button('Delete', () => confirmed(`Session ${id} and its records are deleted.`, 'Delete', async () => {
      await call('DELETE', below(id));
      clear(id);
      if (session() === id) {
        selectSession('default');
        go(href('control', ['default']));
      }
      await again();
    }), small),
  ];
}

/** Shows how an app selects a session. @param {string} id */
async function share(id) {
  const [{ gateways }, base] = await Promise.all([info(), apiUrl()]);
  const prefix = id === 'default' ? '' : `/s/${id}`;
  dialog(`Use session ${id}`, () => [
    h('p', {}, 'An app with one of these base URLs works in this session, and in no other.'),
    gateways.map(gateway => h('div', { class: 'copyable' }, h('span', { class: 'label' }, gateway.title), h('code', {}, `${base}${prefix}${gateway.prefix}`), button('Copy', () => copy(`${base}${prefix}${gateway.prefix}`), { class: 'button small' }))),
    id !== 'default' && h('p', {}, 'Or send the header ', h('code', {}, `X-Standin-Session: ${id}`), ', or a token with the suffix ', h('code', {}, `~${id}`), '.'),
    h('p', {}, link(href('records', [id]), 'Its records'), ' · ', link(href('requests', [], { q: `session:${id}` }), 'Its requests')),
  ]);
}

/** Removes all records but those that tokens act for, and those that they belong to. @param {string} id */
async function emptyAccount(id) {
  const snapshot = await get(below(id, 'snapshot'));
  const isReference = (/** @type {[string, Json]} */ [name, value]) => typeof value === 'string' && /_u?id$/.test(name);
  const subjects = Object.values(snapshot.tokens ?? {}).flatMap(token => Object.entries(token).filter(([name]) => name !== 'kind' && name !== 'value'));
  const stays = new Set(subjects.map(([, value]) => String(value)));
  const all = Object.values(snapshot.records ?? {}).flat();
  // A record that stays can name one that was left out before.
  for (let size = -1; size !== stays.size;) {
    size = stays.size;
    const found = all.filter(record => stays.has(String(record.id ?? record.uid)));
    for (const [, value] of found.flatMap(record => Object.entries(record).filter(isReference))) stays.add(value);
  }
  const records = Object.entries(snapshot.records ?? {}).map(([plural, list]) => [plural, list.filter((/** @type {Json} */ record) => stays.has(String(record.id ?? record.uid)))]);
  const { records: _, deleted: __, fields = [], hidden_ids: ids = {}, ...rest } = snapshot.snapshot ?? {};
  await call('PUT', below(id, 'snapshot'), {
    ...snapshot,
    records: Object.fromEntries(records.filter(([, list]) => list.length > 0)),
    snapshot: {
      ...rest,
      fields: fields.filter((/** @type {Json} */ one) => stays.has(one.id)),
      hidden_ids: Object.fromEntries(Object.entries(ids).map(([kind, list]) => [kind, list.filter((/** @type {string} */ one) => stays.has(one))])),
    },
  });
  toast(`Session ${id} is empty`);
}

/** @type {View} */
export const control = { title: 'Control', show, leave: () => clearInterval(ticking) };
