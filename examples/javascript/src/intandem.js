// A small SDK of the inTandem API: clients, packages, sold packages, bookings and payments.

/** An error response. */
export class ApiError extends Error {
  constructor(status, message) {
    super(`${status}: ${message}`);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** The API for one token. `urls` are the base URLs of the gateways. */
export class InTandem {
  #urls;
  #token;
  #sleep;

  constructor({ urls, token, sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)) }) {
    this.#urls = urls;
    this.#token = token;
    this.#sleep = sleep;
  }

  async clients(query = {}) {
    return (await this.#send('main', 'GET', `/platform/v1/clients?${new URLSearchParams(query)}`)).clients;
  }

  async createClient(fields) {
    return (await this.#send('main', 'POST', '/platform/v1/clients', fields)).client;
  }

  async packages() {
    return (await this.#send('fallback', 'GET', '/platform/v1/payment/packages')).packages;
  }

  async sell(fields) {
    return (await this.#send('fallback', 'POST', '/platform/v1/payment/client_packages', fields)).client_package;
  }

  /** Books an appointment; returns the id of its payment request. */
  async book(fields) {
    const { booking } = await this.#send('main', 'POST', '/platform/v1/scheduling/bookings', fields);
    const path = `/platform/v1/scheduling/appointments/${encodeURIComponent(booking.id)}`;
    return (await this.#send('fallback', 'GET', path)).appointment.payment_status.uid;
  }

  async paymentRequest(id) {
    const path = `/business/payments/v1/payment_requests/${encodeURIComponent(id)}`;
    return (await this.#send('fallback', 'GET', path)).payment_request;
  }

  /** Pays an appointment with a credit; returns the name of the package. */
  async redeem(paymentRequestId) {
    const path = '/platform/v1/payment/client_packages/update_usage';
    return (await this.#send('fallback', 'POST', path, { payment_status_id: paymentRequestId })).package_name;
  }

  async pay(paymentRequestId, amount) {
    const path = `/platform/v1/payments/${encodeURIComponent(paymentRequestId)}`;
    await this.#send('fallback', 'PUT', path, { payment_method: 'Cash', amount });
  }

  /** Sends a request; after a 429 again when the response says so, and a GET without a response again at once. */
  async #send(gateway, method, path, body) {
    for (let attempt = 1; ; attempt++) {
      const response = await this.#fetch(gateway, method, path, body).catch((error) => {
        if (method !== 'GET' || attempt === 3) throw error;
      });
      if (response === undefined) continue;
      if (response.status !== 429 || attempt === 3) return read(response);
      await this.#sleep(Number(response.headers.get('retry-after') ?? 0));
    }
  }

  #fetch(gateway, method, path, body) {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
    return fetch(this.#urls[gateway] + path, { method, headers, body: body && JSON.stringify(body) });
  }
}

async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body.data;
  throw new ApiError(response.status, body.errors?.[0]?.message ?? body.error ?? body.message ?? '');
}
