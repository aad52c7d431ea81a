'use strict';

const { findStandin } = require('./binary.cjs');
const { ControlError } = require('./control.cjs');
const { Server, start, connect } = require('./server.cjs');
const { Session } = require('./session.cjs');

module.exports = { ControlError, Server, Session, connect, findStandin, start };
