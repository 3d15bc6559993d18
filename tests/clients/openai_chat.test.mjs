import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import {
  cachedTokens, collect, cuts, eventStreamCuts, failure, interrupted, prompt, promptTokens, say,
  simulate,
} from './simulator.mjs';

function client(url, headers = {}, apiKey = 'any') {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, defaultHeaders: headers });
}

function ask(openai, more = {}) {
  return openai.chat.completions.create({
    model: 'sim',
    messages: [{ role: 'user', content: prompt }],
    ...more,
  });
}

const streamed = { stream: true, stream_options: { include_usage: true } };

/** What a stream said, in pieces, and how it ended. */
async function read(stream) {
  const chunks = await collect(stream);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return {
    pieces: choices.map((choice) => choice.delta.content).filter(Boolean),
    reasoning: choices.map((choice) => choice.delta.reasoning_content ?? '').join(''),
    finish: choices.at(-1)?.finish_reason,
    usage: chunks.at(-1)?.usage,
  };
}

test('openai chat: a stream gives the words, the finish reason and the usage', async (t) => {
  const openai = client(await simulate(t), { 'X-Sim-Output-Tokens': '30' });
  const answer = await read(await ask(openai, streamed));
  assert.equal(answer.pieces.join(''), say(30));
  assert.equal(answer.pieces.length, 30);
  assert.equal(answer.finish, 'stop');
  assert.deepEqual(answer.usage, {
    prompt_tokens: promptTokens,
    completion_tokens: 30,
    total_tokens: promptTokens + 30,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  });
});

test('openai chat: a whole answer says the same as a stream', async (t) => {
  const openai = client(await simulate(t), { 'X-Sim-Output-Tokens': '30' });
  const answer = await ask(openai, { max_completion_tokens: 20 });
  assert.equal(answer.choices[0].message.content, say(20));
  assert.equal(answer.choices[0].finish_reason, 'length');
  assert.equal(answer.usage.completion_tokens, 20);
});

test('openai chat: reasoning and cached tokens are told apart', async (t) => {
  const headers = { 'X-Sim-Output-Tokens': '30', 'X-Sim-Reasoning-Tokens': '10' };
  const openai = client(await simulate(t), headers);
  const first = await ask(openai);
  assert.equal(first.choices[0].message.reasoning_content, say(10));
  assert.equal(first.choices[0].message.content, say(20));
  const second = await read(await ask(openai, streamed));
  assert.equal(second.reasoning, say(10));
  assert.equal(second.pieces.join(''), say(20));
  assert.equal(second.usage.completion_tokens, 30);
  assert.equal(second.usage.completion_tokens_details.reasoning_tokens, 10);
  assert.equal(second.usage.prompt_tokens_details.cached_tokens, cachedTokens);
});

test('openai chat: the words survive any cut of the stream', async (t) => {
  const url = await simulate(t);
  for (const cut of [...cuts, ...eventStreamCuts, { 'X-Sim-Role': 'early' }]) {
    const openai = client(url, { 'X-Sim-Output-Tokens': '30', ...cut });
    const answer = await read(await ask(openai, streamed));
    assert.equal(answer.pieces.join(''), say(30), JSON.stringify(cut));
    assert.equal(answer.finish, 'stop');
  }
});

test('openai chat: an error before the answer is of its own class', async (t) => {
  const url = await simulate(t);
  for (const [fault, kind, status, code] of [
    ['status_401', OpenAI.AuthenticationError, 401, 'invalid_api_key'],
    ['status_404', OpenAI.NotFoundError, 404, 'not_found'],
    ['context_length', OpenAI.BadRequestError, 400, 'context_length_exceeded'],
    ['rate_limit_seconds', OpenAI.RateLimitError, 429, 'rate_limit_exceeded'],
    ['quota', OpenAI.RateLimitError, 429, 'insufficient_quota'],
    ['status_500', OpenAI.InternalServerError, 500, 'server_error'],
    ['status_529', OpenAI.InternalServerError, 529, 'server_is_overloaded'],
  ]) {
    for (const how of [{}, streamed]) {
      const error = await failure(ask(client(url, { 'X-Sim-Fault': fault }), how));
      assert.equal(error.constructor, kind, fault);
      assert.equal(error.status, status);
      assert.equal(error.code, code);
      assert.match(error.requestID, /^req_/);
      assert.equal(error.headers.get('retry-after'), fault === 'rate_limit_seconds' ? '2' : null);
    }
  }
});

test('openai chat: an error in the stream is thrown after the words before it', async (t) => {
  const headers = { 'X-Sim-Output-Tokens': '30', 'X-Sim-Fault': 'error_event' };
  const stream = await ask(client(await simulate(t), headers), streamed);
  const { said, error } = await interrupted(stream);
  assert.equal(said.map((chunk) => chunk.choices[0].delta.content).join(''), say(15));
  assert.equal(error.constructor, OpenAI.APIError);
  assert.equal(error.code, 'server_error');
});

test('openai chat: a connection that breaks off is an error', async (t) => {
  const url = await simulate(t);
  for (const fault of ['reset', 'close']) {
    const stream = await ask(client(url, { 'X-Sim-Fault': fault }), streamed);
    assert.ok((await interrupted(stream)).error instanceof Error, fault);
  }
});

test('openai chat: only the right key is let in', async (t) => {
  const url = await simulate(t, { key: 'sk-right' });
  const error = await failure(ask(client(url, {}, 'sk-wrong'), streamed));
  assert.equal(error.constructor, OpenAI.AuthenticationError);
  const answer = await ask(client(url, {}, 'sk-right'), { max_completion_tokens: 1 });
  assert.equal(answer.choices[0].message.content, say(1));
});
