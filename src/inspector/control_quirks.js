// The quirks of a session as switches.
import { below, call, get, quirks } from './api.js';
import { button, fill, guarded, h, select, toast } from './dom.js';

const PROFILES = ['observed', 'documented', 'permissive', 'server-bugs'];

/** @param {string} id @param {string} query */
export function quirkList(id, query) {
  const box = h('div', {}, h('p', { class: 'quiet' }, 'Reading …'));
  build(box, id, query).catch(error => fill(box, h('p', { class: 'quiet' }, error.message)));
  return box;
}

/** @param {HTMLElement} box @param {string} id @param {string} query */
async function build(box, id, query) {
  const all = [...(await quirks()).values()];
  if (all.length === 0) {
    fill(box, h('p', { class: 'quiet' }, 'This API has no quirks: it behaves as its contracts say.'));
    return;
  }
  /** @type {Record<string, boolean>} */
  let on = (await get(below(id, 'quirks')).catch(() => ({ quirks: Object.fromEntries(all.map(one => [one.id, one.is_on])) }))).quirks;
  const search = h('input', { type: 'search', class: 'search', value: query, placeholder: 'Search quirks', 'aria-label': 'Search quirks', 'data-search': '', oninput: () => draw() });
  const state = select([['', 'all'], ['on', 'on'], ['off', 'off'], ['changed', 'not as at the start']], '', { 'aria-label': 'Which quirks', onchange: () => draw() });
  const count = h('span', { class: 'quiet', role: 'status' });
  const list = h('ul', { class: 'quirks' });
  const change = async (/** @type {Json} */ body) => {
    on = (await call('PUT', below(id, 'quirks'), body)).quirks;
    draw();
  };
  const profiles = PROFILES.map(profile => button(profile, async () => {
    await change({ profile });
    toast(`Session ${id} has the profile ${profile}`);
  }, { class: 'button small' }));
  const draw = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter(one => {
      const isOn = on[one.id] ?? one.is_on;
      const isWanted = { '': true, on: isOn, off: !isOn, changed: isOn !== one.is_on }[state.value];
      const text = `${one.id} ${one.on} ${one.off} ${one.area} ${one.when.join(' ')}`.toLowerCase();
      return isWanted && words.every(word => text.includes(word));
    });
    count.textContent = `${found.length} of ${all.length}, ${all.filter(one => on[one.id]).length} on`;
    fill(list, found.map(one => item(one, on[one.id] ?? one.is_on, isOn => change({ switches: [`${isOn ? '+' : '-'}${one.id}`] }))));
  };
  fill(box, h('div', { class: 'toolbar' }, search, state, count), h('div', { class: 'actions' }, h('span', { class: 'label' }, 'Profile'), profiles), list);
  draw();
}

/** @param {Quirk} quirk @param {boolean} isOn @param {(isOn: boolean) => Promise<void>} set */
function item(quirk, isOn, set) {
  const toggle = h('input', { type: 'checkbox', role: 'switch', checked: isOn, id: `quirk-${quirk.id}`, onchange: guarded(() => set(toggle.checked)) });
  const evidence = quirk.evidence.map(({ source, at, verified }) => `${source} ${at}${verified ? `, verified ${verified}` : ''}`).join('; ');
  return h('li', { class: isOn ? 'is-on' : '' }, toggle, h('div', {},
    h('label', { for: `quirk-${quirk.id}` }, h('code', {}, quirk.id), h('span', { class: 'tag' }, quirk.area)),
    h('p', {}, isOn ? quirk.on : quirk.off),
    h('details', {}, h('summary', {}, 'Both sentences and evidence'), h('dl', { class: 'sentences' }, h('dt', {}, 'on'), h('dd', {}, quirk.on), h('dt', {}, 'off'), h('dd', {}, quirk.off),
      h('dt', {}, 'applies to'), h('dd', {}, quirk.when.join('; ') || 'all requests'), h('dt', {}, 'evidence'), h('dd', {}, evidence || 'none'), h('dt', {}, 'file'), h('dd', {}, `${quirk.file}:${quirk.line}`)))));
}
