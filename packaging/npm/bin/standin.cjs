#!/usr/bin/env node
// Runs the program of the package for this platform with the same arguments, and ends as it ends.
'use strict';

const { spawn } = require('node:child_process');
const { findStandin } = require('../lib/binary.cjs');

const child = spawn(findStandin(), process.argv.slice(2), { stdio: 'inherit' });
// A terminal sends Ctrl-C to both; a supervisor sends SIGTERM to this process alone.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGHUP', () => child.kill('SIGHUP'));
child.on('error', (error) => {
  console.error(`standin: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
