'use strict';

const MAX_SHOWN = 20;

/** The message of a claim that is false: the nearest requests with their differences, and the last ones that were received. */
function describeFailure(session, { match, count }, result, received) {
  const lines = [
    `expected ${countText(count)} matching ${JSON.stringify(match)}, received ${result.matched} in the session ${session}`,
  ];
  if (result.verdict === 'inconclusive') {
    lines.push(`inconclusive: the journal has dropped ${result.evicted} requests`);
  }
  if (result.nearest.length > 0) lines.push('', 'nearest:');
  for (const miss of result.nearest) {
    lines.push(`  #${miss.seq} ${miss.request}`);
    for (const { at, expected, actual } of miss.differences) {
      lines.push(`      ${at}: expected ${JSON.stringify(expected)}, received ${JSON.stringify(actual)}`);
    }
  }
  lines.push('', received.length > 0 ? 'received:' : 'received: nothing');
  for (const { seq, method, path, status } of received.slice(-MAX_SHOWN)) {
    lines.push(`  #${seq} ${method} ${path} -> ${status}`);
  }
  return lines.join('\n');
}

function countText({ exactly, at_least: least, at_most: most }) {
  if (exactly !== undefined) return `exactly ${exactly} ${exactly === 1 ? 'request' : 'requests'}`;
  const parts = [];
  if (least !== undefined) parts.push(`at least ${least}`);
  if (most !== undefined) parts.push(`at most ${most}`);
  return `${parts.join(' and ')} requests`;
}

module.exports = { describeFailure };
