import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic, { OverloadedError } from '@anthropic-ai/sdk';
import {
  cachedTokens, collect, cuts, eventStreamCuts, failure, prompt, promptTokens, say, simulate,
} from './simulator.mjs';

function client(url, headers = {}, apiKey = 'any') {
  return new Anthropic({
    baseURL: url, apiKey, maxRetries: 0,
    defaultHeaders: { 'X-Sim-Output-Tokens': '30', ...headers },
  });
}

const question = {
  model: 'sim',
  max_tokens: 2000,
  messages: [{ role: 'user', content: prompt }],
};
const thinking = { thinking: { type: 'enabled', budget_tokens: 1024 } };

/** The words in the deltas of a stream, one a delta. */
async function read(stream) {
  const deltas = (await collect(stream))
    .filter((event) => event.type === 'content_block_delta')
    .map((event) => event.delta);
  return deltas.filter((delta) => delta.type === 'text_delta').map((delta) => delta.text);
}

test('anthropic: a stream gives the words, the stop reason and the usage', async (t) => {
  const stream = client(await simulate(t)).messages.stream(question);
  const pieces = [];
  stream.on('text', (text) => pieces.push(text));
  const message = await stream.finalMessage();
  assert.equal(pieces.length, 30);
  assert.equal(pieces.join(''), say(30));
  assert.equal(message.content[0].text, say(30));
  assert.equal(message.stop_reason, 'end_turn');
  assert.equal(message.usage.input_tokens, promptTokens);
  assert.equal(message.usage.cache_read_input_tokens, 0);
  assert.equal(message.usage.output_tokens, 30);
});

test('anthropic: a whole answer says the same as a stream', async (t) => {
  const message = await client(await simulate(t)).messages.create({ ...question, max_tokens: 20 });
  assert.equal(message.content[0].text, say(20));
  assert.equal(message.stop_reason, 'max_tokens');
  assert.equal(message.usage.output_tokens, 20);
});

test('anthropic: thinking and cached tokens are told apart', async (t) => {
  const headers = { 'X-Sim-Reasoning-Tokens': '10', 'X-Sim-Usage-Details': 'all' };
  const anthropic = client(await simulate(t), headers);
  const streamed = () => anthropic.messages.stream({ ...question, ...thinking }).finalMessage();
  const whole = () => anthropic.messages.create({ ...question, ...thinking });
  for (const [ask, cached] of [[streamed, 0], [whole, cachedTokens]]) {
    const message = await ask();
    assert.deepEqual(message.content.map((block) => block.type), ['thinking', 'text']);
    assert.equal(message.content[0].thinking, say(10));
    assert.ok(message.content[0].signature);
    assert.equal(message.content[1].text, say(20));
    assert.equal(message.usage.output_tokens, 30);
    assert.equal(message.usage.output_tokens_details.thinking_tokens, 10);
    assert.equal(message.usage.cache_read_input_tokens, cached);
    assert.equal(message.usage.input_tokens, promptTokens - cached);
  }
});

test('anthropic: the words survive any cut of the stream', async (t) => {
  const url = await simulate(t);
  for (const cut of [...cuts, ...eventStreamCuts]) {
    const stream = await client(url, cut).messages.create({ ...question, stream: true });
    assert.equal((await read(stream)).join(''), say(30), JSON.stringify(cut));
  }
});

test('anthropic: an error before the answer is of its own class', async (t) => {
  const url = await simulate(t);
  for (const [fault, kind, status, type] of [
    ['status_401', Anthropic.AuthenticationError, 401, 'authentication_error'],
    ['status_404', Anthropic.NotFoundError, 404, 'not_found_error'],
    ['context_length', Anthropic.BadRequestError, 400, 'invalid_request_error'],
    ['rate_limit_seconds', Anthropic.RateLimitError, 429, 'rate_limit_error'],
    ['status_500', Anthropic.InternalServerError, 500, 'api_error'],
    ['overloaded', OverloadedError, 529, 'overloaded_error'],
  ]) {
    for (const stream of [false, true]) {
      const { messages } = client(url, { 'X-Sim-Fault': fault });
      const error = await failure(messages.create({ ...question, stream }));
      assert.equal(error.constructor, kind, fault);
      assert.equal(error.status, status);
      assert.equal(error.error.error.type, type);
      assert.match(error.requestID, /^req_/);
    }
  }
});

test('anthropic: an error in the stream is thrown after the words before it', async (t) => {
  const url = await simulate(t);
  for (const [fault, type] of [
    ['error_event', 'api_error'],
    ['overloaded_event', 'overloaded_error'],
    ['rate_limit_event', 'rate_limit_error'],
  ]) {
    const stream = client(url, { 'X-Sim-Fault': fault }).messages.stream(question);
    const pieces = [];
    stream.on('text', (text) => pieces.push(text));
    const error = await failure(stream.finalMessage());
    assert.equal(pieces.join(''), say(15));
    assert.ok(error instanceof Anthropic.APIError, fault);
    assert.equal(error.error.error.type, type);
  }
});

test('anthropic: only the right key is let in', async (t) => {
  const url = await simulate(t, { key: 'sk-right' });
  const error = await failure(client(url, {}, 'sk-wrong').messages.create(question));
  assert.equal(error.constructor, Anthropic.AuthenticationError);
  const message = await client(url, {}, 'sk-right').messages.create(question);
  assert.equal(message.content[0].text, say(30));
});
