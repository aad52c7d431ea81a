import { InTandem } from '../src/intandem.js';

/** The SDK for a token of the mock; requests go to the session of the test. */
export function sdk(api, token = 'staff', options = {}) {
  return new InTandem({ urls: api.urls, token: api.token(token), ...options });
}

/** What the client books. */
export function lesson(api) {
  const { business_id, service_id, client_id } = api.params;
  return { business_id, service_id, client_id, start_time: '2026-02-09T21:00:00.000Z' };
}
