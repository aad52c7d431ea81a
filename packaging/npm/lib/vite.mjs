import { start } from './index.mjs';

/**
 * A Vite plugin: starts the mock with the development server, and forwards the paths below `proxy` (`/api`) to it. `gateway` is
 * the gateway of an API that has several.
 */
export default function standin({ args = [], proxy = '/api', gateway } = {}) {
  let server;
  return {
    name: 'standin',
    apply: 'serve',
    async config() {
      server ??= await start({ args });
      const { url, urls } = server.ready;
      const target = gateway === undefined ? url : urls[gateway];
      if (!target) throw new Error(`there is no gateway '${gateway}'; there are ${Object.keys(urls).join(', ')}`);
      const path = new URL(target).pathname.replace(/\/$/, '');
      const rewrite = (requested) => path + requested.slice(proxy.length);
      const forward = { target: new URL(target).origin, changeOrigin: true, rewrite };
      return { server: { proxy: { [proxy]: forward } } };
    },
    configureServer({ config, httpServer }) {
      const { url, controlUrl } = server;
      config.logger.info(`  standin: ${proxy} is forwarded to ${url}, control API ${controlUrl}`);
      httpServer?.once('close', () => server?.stop());
    },
    async closeBundle() {
      await server?.stop();
      server = undefined;
    },
  };
}
