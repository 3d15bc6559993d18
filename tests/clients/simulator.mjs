// Runs the simulator for a test, and knows what it says.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const words = [
  ' time', ' to', ' first', ' token', ' über', ' latency',
  ' 光', ' wave', ' fringe', ' naïve', ' phase', ' path',
];

// To node, a name that matches no test is no failure; here it is one, as no simulator was started.
let simulations = 0;
process.on('exit', () => {
  if (simulations === 0) {
    process.stderr.write('no test was run\n');
    process.exitCode = 1;
  }
});

/** The first `count` tokens of any answer, and of any reasoning. */
export function say(count) {
  return Array.from({ length: count }, (_, i) => words[i % words.length]).join('');
}

/** A prompt that is 250 tokens long and is in no cache yet. */
export const prompt = 'four'.repeat(250);
export const promptTokens = 250;
/** How many of them the cache gives when the same prompt comes again: whole blocks of 16 tokens. */
export const cachedTokens = 240;

/**
 * Starts a simulator that answers at once, and ends it with the test `t`. With `key`, it refuses
 * all who do not have it. Resolves to its address, such as http://127.0.0.1:4711.
 */
export async function simulate(t, { key } = {}) {
  simulations += 1;
  const flags = ['--listen', '127.0.0.1:0', '--set', 'ttft=0ms', '--set', 'itl=0ms'];
  if (key !== undefined) {
    flags.push('--require-key-env', 'SIMULATOR_KEY');
  }
  const binary = process.env.INFEROMETER_BINARY;
  assert.ok(binary, 'INFEROMETER_BINARY must hold the path of the program');
  const simulator = spawn(binary, ['sim', ...flags], {
    env: { ...process.env, SIMULATOR_KEY: key },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const ended = once(simulator, 'exit');
  t.after(async () => {
    simulator.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null], 'the simulator ends well');
  });
  return `http://127.0.0.1:${await portOf(simulator)}`;
}

/** Reads the simulator's log until it says where it listens, and shows the rest of it. */
async function portOf(simulator) {
  const lines = createInterface({ input: simulator.stderr });
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const port = /msg=simulating port=(\d+)/.exec(line)?.[1];
      if (port !== undefined) {
        resolve(port);
      } else {
        process.stderr.write(`${line}\n`);
      }
    });
    lines.on('close', () => reject(new Error('the simulator ended before it listened')));
  });
}

/** Ways to cut the same stream into writes and events; a client must not see a difference. */
export const cuts = [
  { 'X-Sim-Writes': 'bytes' },
  { 'X-Sim-Writes': '7' },
  { 'X-Sim-Tokens-Per-Chunk': '7' },
  { 'X-Sim-Head': 'with_first_token' },
];

/** Ways to write the same event stream, where it is one of server-sent events. */
export const eventStreamCuts = [
  { 'X-Sim-Line-Ending': 'crlf' },
  { 'X-Sim-Line-Ending': 'crlf', 'X-Sim-Writes': 'bytes' },
  { 'X-Sim-Line-Ending': 'cr', 'X-Sim-Writes': 'bytes' },
  { 'X-Sim-Comments': 'on' },
];

/** All that an iterator gives. */
export async function collect(stream) {
  const all = [];
  for await (const part of stream) {
    all.push(part);
  }
  return all;
}

/** The error of a promise that must fail. */
export async function failure(promise) {
  return promise.then(
    (value) => assert.fail(`no error, but ${JSON.stringify(value)}`),
    (error) => error,
  );
}

/** What an iterator gave before it failed, and its error. */
export async function interrupted(stream) {
  const said = [];
  try {
    for await (const part of stream) {
      said.push(part);
    }
  } catch (error) {
    return { said, error };
  }
  return assert.fail('the stream came to a good end');
}
