import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ollama } from 'ollama';
import {
  collect, cuts, failure, interrupted, prompt, promptTokens, say, simulate,
} from './simulator.mjs';

function ask(url, headers = {}, more = {}) {
  const ollama = new Ollama({ host: url, headers: { 'X-Sim-Output-Tokens': '30', ...headers } });
  const messages = [{ role: 'user', content: prompt }];
  return ollama.chat({ model: 'sim', messages, stream: true, ...more });
}

/** What a stream said, and its last part. */
async function read(stream) {
  const parts = await collect(stream);
  return {
    pieces: parts.map((part) => part.message.content).filter(Boolean),
    thinking: parts.map((part) => part.message.thinking ?? '').join(''),
    end: parts.at(-1),
  };
}

test('ollama: a stream gives the words, the done reason and the usage', async (t) => {
  const answer = await read(await ask(await simulate(t)));
  assert.equal(answer.pieces.join(''), say(30));
  assert.equal(answer.pieces.length, 30);
  assert.equal(answer.end.done, true);
  assert.equal(answer.end.done_reason, 'stop');
  assert.equal(answer.end.prompt_eval_count, promptTokens);
  assert.equal(answer.end.eval_count, 30);
});

test('ollama: a whole answer says the same as a stream', async (t) => {
  const cut = { stream: false, options: { num_predict: 20 } };
  const answer = await ask(await simulate(t), {}, cut);
  assert.equal(answer.message.content, say(20));
  assert.equal(answer.done_reason, 'length');
  assert.equal(answer.eval_count, 20);
});

test('ollama: thinking is told apart', async (t) => {
  const url = await simulate(t);
  const headers = { 'X-Sim-Reasoning-Tokens': '10' };
  const whole = await ask(url, headers, { stream: false, think: true });
  assert.equal(whole.message.thinking, say(10));
  assert.equal(whole.message.content, say(20));
  const answer = await read(await ask(url, headers, { think: true }));
  assert.equal(answer.thinking, say(10));
  assert.equal(answer.pieces.join(''), say(20));
  assert.equal(answer.end.eval_count, 30);
});

test('ollama: the words survive any cut of the stream', async (t) => {
  const url = await simulate(t);
  for (const cut of cuts) {
    const answer = await read(await ask(url, cut));
    assert.equal(answer.pieces.join(''), say(30), JSON.stringify(cut));
    assert.equal(answer.end.done, true);
  }
});

test('ollama: an error before the answer has its status', async (t) => {
  const url = await simulate(t, { key: 'right' });
  const wrong = await failure(ask(url, { Authorization: 'Bearer wrong' }));
  assert.equal(wrong.name, 'ResponseError');
  assert.equal(wrong.status_code, 401);
  for (const [fault, status] of [
    ['status_404', 404],
    ['context_length', 400],
    ['status_429', 429],
    ['status_500', 500],
    ['overloaded', 503],
  ]) {
    const error = await failure(
      ask(url, { Authorization: 'Bearer right', 'X-Sim-Fault': fault }),
    );
    assert.equal(error.name, 'ResponseError', fault);
    assert.equal(error.status_code, status);
    assert.ok(error.error);
  }
});

test('ollama: an error in the stream is thrown after the words before it', async (t) => {
  const stream = await ask(await simulate(t), { 'X-Sim-Fault': 'error_event' });
  const { said, error } = await interrupted(stream);
  assert.equal(said.map((part) => part.message.content).join(''), say(15));
  assert.match(error.message, /llama runner process/);
});
