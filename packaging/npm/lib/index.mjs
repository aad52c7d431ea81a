import standin from './index.cjs';

export const { ControlError, Server, Session, connect, findStandin, start } = standin;
