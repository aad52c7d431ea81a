// Faults of a session: some with one click, others with a form.
import { below, call, get, operations } from './api.js';
import { button, field, fill, guarded, h, select, toast } from './dom.js';

/** Faults with one click. @type {[string, string, Json][]} */
const QUICK = [
  ['Slow 2 s', 'slow', { latency: { ms: 2000 } }],
  ['Error 500', 'error', { status: { code: 500 } }],
  ['Limit 429', 'limit', { status: { code: 429, retry_after: 30 } }],
  ['Offline', 'offline', { reset_peer: {} }],
];

/** Kinds of faults with their settings: name, default, whether the setting can be left out. @type {Record<string, [string, string, boolean][]>} */
const KINDS = {
  latency: [['ms', '400', false], ['jitter', '', true]],
  status: [['code', '503', false], ['retry_after', '', true]],
  timeout: [['ms', '', true]],
  reset_peer: [],
  bandwidth: [['kb_per_second', '20', false]],
  slicer: [['bytes', '64', false], ['delay_ms', '50', true]],
  limit_data: [['bytes', '100', false]],
  rate_limit: [['requests', '10', false], ['per', '1min', true]],
};

/** @param {string} id */
export function faults(id) {
  const [active, box] = [h('div', {}), h('div', {})];
  const refresh = () => list(active, id);
  const quick = QUICK.map(([text, name, fault]) => {
    const toggle = button(text, async () => {
      const { faults: current } = await get(below(id, 'faults')).catch(() => ({ faults: [] }));
      const isOn = current.some((/** @type {Fault} */ one) => one.id === name);
      if (isOn) await call('DELETE', below(id, 'faults', name));
      else await call('POST', below(id, 'faults'), { id: name, ...fault });
      toast(isOn ? `${text}: removed` : `${text}: every request of session ${id}`);
      await refresh();
    }, { 'aria-pressed': 'false', 'data-fault': name, class: 'button toggle' });
    return toggle;
  });
  fill(box, h('div', { class: 'actions' }, quick), custom(id, refresh), active);
  refresh().catch(() => {});
  return box;
}

/** @param {HTMLElement} box @param {string} id */
async function list(box, id) {
  const { faults: current } = await get(below(id, 'faults')).catch(() => ({ faults: [] }));
  const ids = current.map((/** @type {Fault} */ one) => one.id);
  box.parentElement?.querySelectorAll('[data-fault]').forEach(element => {
    element.setAttribute('aria-pressed', String(element instanceof HTMLElement && ids.includes(element.dataset.fault)));
  });
  if (current.length === 0) {
    fill(box, h('p', { class: 'quiet' }, 'No faults: responses come as they are.'));
    return;
  }
  fill(box, h('ul', { class: 'items' }, current.map((/** @type {Fault} */ { id: fault, applied, ...rest }) => h('li', {},
    h('div', {}, h('strong', {}, fault), ' ', h('code', {}, JSON.stringify(rest)), h('p', { class: 'quiet' }, `took part in ${applied} requests`)),
    button('Remove', async () => {
      await call('DELETE', below(id, 'faults', fault));
      await list(box, id);
    }, { class: 'button small', 'aria-label': `Remove ${fault}` })))),
  current.length > 1 && button('Remove all', async () => {
    await call('DELETE', below(id, 'faults'));
    await list(box, id);
  }));
}

/** @param {string} id @param {() => Promise<void>} refresh */
function custom(id, refresh) {
  const names = h('datalist', { id: 'operation-names' });
  operations().then(all => fill(names, all.map(one => h('option', { value: `${one.method} ${one.path}` })))).catch(() => {});
  const operation = h('input', { type: 'text', class: 'mono', list: 'operation-names', placeholder: 'GET /v1/** (all without one)' });
  const count = h('input', { type: 'number', min: '1', placeholder: 'all' });
  const settings = h('div', { class: 'columns' });
  /** @type {[string, HTMLInputElement][]} */
  let inputs = [];
  const kind = select(Object.keys(KINDS).map(name => [name, name]), 'latency', { onchange: () => draw() });
  const draw = () => {
    inputs = (KINDS[kind.value] ?? []).map(([name, value, isOptional]) => [name, h('input', { type: name === 'per' ? 'text' : 'number', value, required: !isOptional })]);
    fill(settings, inputs.map(([name, input]) => field(name, input)));
  };
  draw();
  const add = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const given = inputs.filter(([, input]) => input.value !== '').map(([name, input]) => [name, input.type === 'number' ? Number(input.value) : input.value]);
    await call('POST', below(id, 'faults'), {
      ...(operation.value ? { operation: operation.value } : {}),
      [kind.value]: Object.fromEntries(given),
      ...(count.value ? { count: Number(count.value) } : {}),
    });
    await refresh();
  };
  return h('details', {}, h('summary', {}, 'Another fault'),
    h('form', { onsubmit: guarded(add) }, field('Operation', operation), h('div', { class: 'columns' }, field('Kind', kind), field('Requests', count, 'the first so many')), settings, names,
      h('button', { class: 'button primary' }, 'Add the fault')));
}
