import type { Plugin } from 'vite';

export interface PluginOptions {
  /** Options of `standin serve`. */
  args?: string[];
  /** The path below which requests are forwarded to the mock, without it: `/api`. */
  proxy?: string;
  /** The gateway of an API that has several. */
  gateway?: string;
}

/** Starts the mock with the development server, and forwards requests to it. */
export default function standin(options?: PluginOptions): Plugin;
